import { describe, expect, it } from 'vitest';
import { tinyTask } from '../../test/node-installer/tiny-payload.ts';
import type { EngineConfig } from '../engine/engine.ts';
import { refuseAddition } from './refuse-addition.ts';

const sound: EngineConfig = {
  files: [],
  handlers: [],
  own: [],
  definedBy: () => undefined,
  typeOf: () => undefined,
  planAddition: () => [],
  planRemoval: () => [],
};

describe('refuseAddition()', () => {
  it('lets handlers of free names join', () => {
    expect(refuseAddition(sound, tinyTask(), 'failed')).toBeUndefined();
  });

  it('names who defines the handler, for the step that asks', () => {
    const config: EngineConfig = { ...sound, definedBy: (name) => (name === 'tiny' ? '/etc/c.toml' : undefined) };
    expect(refuseAddition(config, tinyTask(), 'ineligible')).toMatchObject({
      outcome: 'ineligible',
      reason: 'HandlerConflict',
      message: 'Cannot add the handler tiny: /etc/c.toml already defines one of that name.',
    });
  });

  it('says what stands in the way before it looks at names', () => {
    const obstacle = { reason: 'InTheWay', message: 'Cannot add handlers to it: it is full.', hint: 'Make room.' };
    const config: EngineConfig = { ...sound, obstacle, definedBy: () => '/etc/c.toml' };
    expect(refuseAddition(config, tinyTask(), 'failed')).toEqual({ outcome: 'failed', ...obstacle });
  });
});
