import { describe, expect, it } from 'vitest';
import { countFrom } from './count-from.ts';

describe('countFrom()', () => {
  it('takes what is set, else the default', () => {
    expect(countFrom({ VMS: '2' }, 'VMS', 1)).toBe(2);
    expect(countFrom({ VMS: '' }, 'VMS', 1)).toBe(1);
  });

  it.each(['0', '-1', '1.5', 'two', '10'])('refuses %s', (text) => {
    expect(() => countFrom({ VMS: text }, 'VMS', 1)).toThrow(
      `Cannot use VMS=${text}: it has to be a whole number from 1 to 9.`,
    );
  });
});
