// Claims about reading ldd's answer.
import { describe, expect, it } from 'vitest';
import { parseLdd } from './shared-libraries.ts';

const output = `	linux-vdso.so.1 (0x00007f53c90c4000)
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f53c90ae000)
	libstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f53c8e00000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f53c90c6000)
`;

describe('parseLdd()', () => {
  it('tells the loader from the libraries and leaves out what the kernel provides', () => {
    expect(parseLdd(output)).toEqual({
      loader: '/lib64/ld-linux-x86-64.so.2',
      names: ['libdl.so.2', 'libstdc++.so.6'],
    });
  });

  it('refuses a static program', () => {
    expect(() => parseLdd('\tnot a dynamic executable\n')).toThrow('ldd names no loader');
  });
});
