// Claims about what is listed as part of an image.
import { describe, expect, it } from 'vitest';
import { debianPart, goParts, npmParts } from './parts.ts';

describe('npmParts()', () => {
  const lock = {
    packages: {
      'node_modules/zod': { version: '4.6.7', license: 'MIT' },
      'node_modules/@grpc/grpc-js': { version: '1.14.0' },
      'node_modules/zod/node_modules/long': { version: '1.0.0' },
    },
  };

  it('lists each package with bundled code once, nested and scoped ones too, and no other', () => {
    const modules = [
      '/x/operator/main.ts',
      '/x/node_modules/zod/a.js',
      '/x/node_modules/zod/b/c.js',
      '/x/node_modules/zod/node_modules/long/index.js',
      '/x/node_modules/@grpc/grpc-js/build/src/index.js',
    ];
    expect(npmParts(modules, lock)).toEqual([
      { name: '@grpc/grpc-js', version: '1.14.0', purl: 'pkg:npm/%40grpc/grpc-js@1.14.0' },
      { name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7', license: 'MIT' },
      { name: 'long', version: '1.0.0', purl: 'pkg:npm/long@1.0.0' },
    ]);
  });

  it('refuses a package that the lock file does not have', () => {
    expect(() => npmParts(['/x/node_modules/left/a.js'], lock)).toThrow('Cannot list left in the SBOM');
  });
});

describe('goParts()', () => {
  const output = [
    '/x/runsc: go1.26.8',
    '\tpath\tgvisor.dev/gvisor/runsc',
    '\tmod\tbuild\t(devel)\t',
    '\tdep\tgvisor.dev/gvisor\tv0.0.1',
    '\t=>\t./patched\t(devel)\t',
    '\tdep\tgolang.org/x/sys\tv0.40.0\th1:abc=',
    '\tdep\tk8s.io/api\tv0.0.0',
    '\t=>\tk8s.io/api\tv0.36.3\th1:def=',
    '\tbuild\t-trimpath=true',
  ].join('\n');

  it('lists the toolchain and every module, a replaced one as what replaced it', () => {
    expect(goParts(output).map(({ purl }) => purl)).toEqual([
      'pkg:golang/stdlib@1.26.8',
      'pkg:golang/gvisor.dev/gvisor@v0.0.1',
      'pkg:golang/golang.org/x/sys@v0.40.0',
      'pkg:golang/k8s.io/api@v0.36.3',
    ]);
  });
});

describe('debianPart()', () => {
  it('escapes what a package URL must not have', () => {
    const part = debianPart({ name: 'libstdc++6', version: '1:2+b1', arch: 'amd64', sha256: '00' });
    expect(part.purl).toBe('pkg:deb/debian/libstdc%2B%2B6@1%3A2%2Bb1?arch=amd64');
  });
});
