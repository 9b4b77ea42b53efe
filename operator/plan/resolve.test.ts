import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import type { Family, FamilyVersion } from '../../runtime/family.ts';
import { kata } from '../../runtime/kata.ts';
import { resolve } from './resolve.ts';

const handler = { runtimeType: 'io.x.v1', options: {}, podAnnotations: [], requires: [] };
const variant = (name: string) => ({ name, handler, overhead: { memory: '1Mi' } });
const version = (name: string) => ({
  version: name,
  arches: ['amd64'],
  image: `payload-toy:${name}`,
  variants: [variant('one'), variant('two')],
  generatedFiles: [],
});
const toy: Family = {
  name: 'toy',
  title: 'Toy',
  needs: { virtualization: 'Ignored' },
  defaultVariants: ['one'],
  versions: [version('2'), version('1')],
};
const surroundings = {
  catalogue: [toy],
  images: { installerImage: 'installer:1', payloadRepository: 'repo' },
  hash: (text: string) => createHash('sha256').update(text).digest('hex'),
};
const resolved = (spec: object, around = surroundings) =>
  resolve('toy', { kind: 'Spec', spec: sandboxRuntimeSpec.parse(spec) }, around);
const wanted = (spec: object, around = surroundings) => {
  const result = resolved(spec, around);
  if (result.kind !== 'Wanted') throw new Error(result.message);
  return result;
};

describe('resolve()', () => {
  it('takes the newest version, the default handlers and the catalogue’s image when only the family is given', () => {
    expect(wanted({ family: 'toy' })).toMatchObject({
      version: '2',
      payloadImage: 'repo/payload-toy:2-1',
      task: { runtime: 'toy', handlers: [{ name: 'one', runtimeType: 'io.x.v1' }] },
      classes: [{ name: 'one', handler: 'one', overhead: { memory: '1Mi' } }],
    });
  });

  it('takes what the spec says instead', () => {
    const tolerations = [{ key: 'k', operator: 'Exists' }];
    const given = { overhead: { cpu: '1' }, nodeSelector: { a: 'b' }, tolerations };
    const runtimeClass = { name: 'c', aliases: ['d'], ...given };
    const spec = {
      family: 'toy',
      version: '1',
      payload: { sources: [{ image: 'mine:1' }] },
      handlers: [{ name: 'h', variant: 'two', runtimeClass }],
    };
    expect(wanted(spec)).toMatchObject({
      version: '1',
      payloadImage: 'mine:1',
      classes: [
        { name: 'c', handler: 'h', ...given },
        { name: 'd', handler: 'h', ...given },
      ],
    });
  });

  it('asks of a node what the chosen handlers need, and not what the others do', () => {
    const needy: FamilyVersion = {
      ...version('1'),
      variants: [variant('one'), { ...variant('two'), needs: { virtualization: 'Required', devices: ['/dev/x'] } }],
    };
    const around = { ...surroundings, catalogue: [{ ...toy, versions: [needy] }] };
    expect(wanted({ family: 'toy' }, around).task.needs).toEqual({ virtualization: 'Ignored' });
    expect(wanted({ family: 'toy', handlers: [{ name: 'one' }, { name: 'two' }] }, around).task.needs).toEqual({
      virtualization: 'Required',
      devices: ['/dev/x'],
    });
  });

  it('asks for as much shared memory as the largest guest has, by the catalogue or by its config', () => {
    const shared = (...handlers: object[]) => {
      const spec = sandboxRuntimeSpec.parse({ family: 'kata', handlers });
      const result = resolve('r', { kind: 'Spec', spec }, { ...surroundings, catalogue: [kata] });
      return result.kind === 'Wanted' ? (result.task.needs.sharedMemoryBytes ?? 0) / 2 ** 20 : result.message;
    };
    const sized = (name: string, mebibytes: number) => ({
      name,
      config: `[hypervisor.qemu]\ndefault_memory = ${mebibytes}\n`,
    });
    expect(shared({ name: 'kata-qemu' })).toBe(2048);
    expect(shared(sized('kata-qemu', 512))).toBe(512);
    expect(shared(sized('kata-qemu-runtime-rs', 4096), { name: 'kata-qemu' })).toBe(4096);
    expect(shared({ name: 'kata-clh' })).toBe(0);
    // The Go shim's shares files by virtio-fs, the Rust shim's does not.
    expect([shared({ name: 'kata-qemu-nvidia-gpu' }), shared({ name: 'kata-qemu-nvidia-gpu-runtime-rs' })]).toEqual([
      8192, 0,
    ]);
  });

  it('runs the installer’s own image where no source is an image', () => {
    const archive = { url: 'https://x.example/a.tar', sha512: 'a'.repeat(128) };
    const sources = [{ archive, arch: 'arm64' }, { hostPath: '/srv/toy' }];
    expect(wanted({ family: 'toy', payload: { sources } })).toMatchObject({
      payloadImage: 'installer:1',
      task: {
        sources: [
          { kind: 'archive', url: archive.url, digest: { algorithm: 'sha512', hex: archive.sha512 }, arch: 'arm64' },
          { kind: 'hostPath', path: '/srv/toy' },
        ],
        takes: 'Needed',
      },
    });
  });

  it('takes the handlers of a custom runtime from the spec alone', () => {
    const handlers = [
      { name: 'runnc', type: 'oci', path: 'bin/runnc', options: { SystemdCgroup: 'true' } },
      { name: 'fire', type: 'shim-v2', path: 'bin/shim', runtimeClass: { overhead: { memory: '1Mi' } } },
    ];
    const payload = { sources: [{ hostPath: '/srv/own' }] };
    const { task, classes } = wanted({ family: 'custom', payload, handlers });
    expect(task).toMatchObject({ family: 'custom', version: 'custom', takes: 'Everything' });
    expect(task.handlers).toEqual([
      {
        name: 'runnc',
        runtimeType: 'io.containerd.runc.v2',
        options: { BinaryName: '{dir}/bin/runnc', SystemdCgroup: 'true' },
        podAnnotations: [],
        requires: ['bin/runnc'],
      },
      {
        name: 'fire',
        runtimeType: 'io.containerd.fire.v2',
        runtimePath: 'bin/shim',
        options: {},
        podAnnotations: [],
        requires: ['bin/shim'],
      },
    ]);
    expect(classes).toMatchObject([
      { name: 'runnc', overhead: {} },
      { name: 'fire', overhead: { memory: '1Mi' } },
    ]);
  });

  it('makes no class where the user does', () => {
    expect(wanted({ family: 'toy', handlers: [{ name: 'one', runtimeClass: { create: false } }] }).classes).toEqual([]);
  });

  it.each([
    ['an unknown family', { family: 'x' }, 'UnknownFamily', 'There is no runtime family called x.'],
    ['an unknown version', { family: 'toy', version: '9' }, 'UnknownVersion', 'There is no version of Toy called 9.'],
    [
      'a handler that might be a slip of the pen',
      { family: 'toy', handlers: [{ name: 'tow' }] },
      'UnknownVariant',
      'There is no variant of Toy called tow.',
    ],
    [
      'an unknown variant',
      { family: 'toy', handlers: [{ name: 'h', variant: 'z' }] },
      'UnknownVariant',
      'There is no variant of Toy called z.',
    ],
    [
      'a class named twice',
      { family: 'toy', handlers: [{ name: 'one', runtimeClass: { aliases: ['two'] } }, { name: 'two' }] },
      'DuplicateRuntimeClass',
      'The RuntimeClass two is there twice.',
    ],
  ])('says what is wrong with %s', (_, spec, reason, message) => {
    expect(resolved(spec)).toMatchObject({ kind: 'InvalidSpec', reason, message });
  });

  it.each([
    ['another version', { family: 'toy', version: '1' }, surroundings],
    ['another handler name', { family: 'toy', handlers: [{ name: 'toy' }] }, surroundings],
    ['another variant', { family: 'toy', handlers: [{ name: 'one', variant: 'two' }, { name: 'two' }] }, surroundings],
    [
      'a payload laid over it',
      { family: 'toy', payload: { sources: [{ image: 'repo/payload-toy:2' }, { hostPath: '/x' }] } },
      surroundings,
    ],
    ['another payload', { family: 'toy', payload: { sources: [{ image: 'mine' }] } }, surroundings],
    [
      'another installer',
      { family: 'toy' },
      { ...surroundings, images: { ...surroundings.images, installerImage: 'installer:2' } },
    ],
  ])('makes %s another revision', (_, spec, around) => {
    expect(wanted(spec, around).task.revision).not.toBe(wanted({ family: 'toy' }).task.revision);
  });

  it.each([
    ['rollout', { rollout: { paused: true, maxUnavailable: 3 } }],
    ['nodes', { nodes: { selector: { a: 'b' } } }],
    ['classes', { handlers: [{ name: 'one', runtimeClass: { aliases: ['x'] } }] }],
  ])('keeps the revision when only the %s change', (_, rest) => {
    expect(wanted({ family: 'toy', ...rest }).task.revision).toBe(wanted({ family: 'toy' }).task.revision);
  });
});
