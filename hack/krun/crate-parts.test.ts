// Crates as an SBOM lists them.

import { describe, expect, it } from 'vitest';

import { crateParts } from './crate-parts.ts';

const tree = [
  'libkrun v1.19.7 (/scratch/vendor/libkrun-1.19.7)\tApache-2.0',
  'libc v0.2.170\tMIT OR Apache-2.0',
  'bitflags v1.3.2\tMIT/Apache-2.0',
  'serde_derive v1.0.1 (proc-macro)\t',
  'libc v0.2.170\tMIT OR Apache-2.0 (*)',
  '',
].join('\n');

describe('crateParts()', () => {
  it('lists each crate once, with an SPDX licence where it names one', () => {
    expect(crateParts(tree)).toEqual([
      { name: 'libkrun', version: '1.19.7', purl: 'pkg:cargo/libkrun@1.19.7', license: 'Apache-2.0' },
      { name: 'libc', version: '0.2.170', purl: 'pkg:cargo/libc@0.2.170', license: 'MIT OR Apache-2.0' },
      { name: 'bitflags', version: '1.3.2', purl: 'pkg:cargo/bitflags@1.3.2', license: 'MIT OR Apache-2.0' },
      { name: 'serde_derive', version: '1.0.1', purl: 'pkg:cargo/serde_derive@1.0.1' },
    ]);
  });
});
