// What specs mean by the entries of the catalogue that come as archives, as they are.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import { catalogue } from '../../runtime/catalogue.ts';
import { kataVariants } from '../../runtime/kata-variants.ts';
import { resolve } from './resolve.ts';
import { viewOf } from './survey.ts';
import { nodeOf, runtimeOf } from './testing.ts';

const images = { installerImage: 'installer:1', payloadRepository: 'repo' };
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const resolved = (spec: object) =>
  resolve(
    'kata',
    { kind: 'Spec', spec: sandboxRuntimeSpec.parse({ family: 'kata', ...spec }) },
    { catalogue, images, hash },
  );
const wanted = (spec: object) => {
  const result = resolved(spec);
  if (result.kind !== 'Wanted') throw new Error(result.message);
  return result;
};
const sourcesOf = (spec: object) =>
  wanted(spec).task.sources.map((source) => (source.kind === 'archive' ? source.url.split('/').at(-1) : source.kind));
const onNode = (arch: string, spec: object) => {
  const runtime = runtimeOf('kata', { family: 'kata', ...spec });
  const evidence = { node: nodeOf('n', { arch }), pods: [], sandboxNode: undefined };
  return viewOf(evidence, runtime, resolved(spec), '2026-01-01T00:00:00Z')?.claim;
};

describe('resolve() of an image to mount', () => {
  const spec = { payload: { sources: [{ imageVolume: 'registry.example/payload-kata:4.2.0' }] } };

  it('is read by the installer’s own image, and is part of the revision', () => {
    const { payloadImage, payloadVolume, task } = wanted(spec);
    expect({ payloadImage, payloadVolume, sources: task.sources }).toEqual({
      payloadImage: 'installer:1',
      payloadVolume: 'registry.example/payload-kata:4.2.0',
      sources: [{ kind: 'image' }],
    });
    const other = wanted({ payload: { sources: [{ imageVolume: 'registry.example/payload-kata:other' }] } });
    expect(other.task.revision).not.toBe(task.revision);
  });

  it('is refused on nodes that cannot mount it, and there alone', () => {
    const on = (kubelet: string) => {
      const evidence = { node: nodeOf('n', { kubelet }), pods: [], sandboxNode: undefined };
      const runtime = runtimeOf('kata', { family: 'kata', ...spec });
      return viewOf(evidence, runtime, resolved(spec), '2026-01-01T00:00:00Z')?.entry;
    };
    expect(on('v1.35.1')).toMatchObject({ phase: 'Ineligible', reason: 'ImageVolumesMissing' });
    expect(on('v1.36.3')).toMatchObject({ phase: 'Waiting' });
  });
});

describe('resolve() of Kata', () => {
  it('means the newest release, Rust handlers from one archive, and the class names that workloads know', () => {
    const { version, classes, payloadImage, task } = wanted({});
    expect(version).toBe('4.2.0');
    expect(payloadImage).toBe('installer:1');
    expect(task.payloadRoot).toBe('/opt/kata');
    expect(classes.map(({ name, handler }) => `${name} ${handler}`)).toEqual([
      'kata-qemu-runtime-rs kata-qemu-runtime-rs',
      'kata kata-qemu-runtime-rs',
      'kata-qemu kata-qemu-runtime-rs',
      'kata-clh-runtime-rs kata-clh-runtime-rs',
      'kata-clh kata-clh-runtime-rs',
      'kata-dragonball kata-dragonball',
    ]);
    expect(sourcesOf({})).toEqual(['kata-static-4.2.0-amd64.tar.zst', 'kata-static-4.2.0-arm64.tar.zst']);
  });

  it('takes the other archive for handlers of the Go shim, and both for both', () => {
    expect(sourcesOf({ handlers: [{ name: 'kata-qemu' }] })).toEqual(['kata-go-static-4.2.0-amd64.tar.zst']);
    expect(sourcesOf({ version: '4.1.0', handlers: [{ name: 'kata-fc' }, { name: 'kata-dragonball' }] })).toEqual([
      'kata-static-4.1.0-amd64.tar.zst',
      'kata-go-static-4.1.0-amd64.tar.zst',
    ]);
  });

  it('fetches nothing for an architecture that lacks the digest of one of its archives', () => {
    expect(sourcesOf({ handlers: [{ name: 'kata-qemu-runtime-rs' }, { name: 'kata-qemu' }] })).toEqual([
      'kata-static-4.2.0-amd64.tar.zst',
      'kata-go-static-4.2.0-amd64.tar.zst',
    ]);
  });

  it('makes `kata` the default variant, and each handler of one variant its own config', () => {
    const { task } = wanted({ handlers: [{ name: 'kata' }, { name: 'kata-big', variant: 'qemu-runtime-rs' }] });
    expect(task.handlers.map(({ config, options }) => [config?.to, options['ConfigPath']])).toEqual(
      ['kata', 'big'].map((own) => {
        const path = `share/defaults/kata-containers/runtime-rs/runtimes/${own}/configuration-qemu-runtime-rs.toml`;
        return [path, `{dir}/${path}`];
      }),
    );
  });

  it('does not take a slip of the pen for another hypervisor', () => {
    expect(resolved({ handlers: [{ name: 'kata-qmeu' }] })).toMatchObject({ reason: 'UnknownVariant' });
  });

  it('asks the admin for a digest that nobody has published', () => {
    const spec = { handlers: [{ name: 'kata-qemu-se-runtime-rs' }] };
    expect(onNode('s390x', spec)).toEqual({
      kind: 'Refused',
      reason: 'DigestUnknown',
      message:
        'Nobody has published a digest of Kata Containers 4.2.0 for s390x (https://github.com/kata-containers/kata-containers/releases/download/4.2.0/kata-static-4.2.0-s390x.tar.zst), so nodes could not tell a wrong file.',
      hint: 'Check the archive yourself, and give it with its sha256 in spec.payload.sources.',
    });
    expect(onNode('arm64', { handlers: [{ name: 'kata-qemu' }] })).toMatchObject({ reason: 'DigestUnknown' });
    const payload = { sources: [{ archive: { url: 'https://mirror.example/kata.tar.zst', sha256: 'a'.repeat(64) } }] };
    expect(onNode('s390x', { ...spec, payload })).toEqual({ kind: 'Wanted' });
  });

  it('leaves out nodes for which no chosen handler is built', () => {
    expect(onNode('arm64', { handlers: [{ name: 'kata-qemu-snp-runtime-rs' }] })).toMatchObject({
      reason: 'WrongArchitecture',
    });
    expect(onNode('amd64', {})).toEqual({ kind: 'Wanted' });
  });

  it('knows every variant by its handler, with an overhead and what it needs', () => {
    for (const { name, handlerName = '', archives } of kataVariants) {
      const { task, classes } = wanted({
        handlers: [{ name: handlerName }],
        payload: { sources: [{ hostPath: '/opt/kata' }] },
      });
      expect(task.handlers[0]?.runtimeType).toBe(`io.containerd.kata-${name}.v2`);
      expect(classes[0]?.overhead).toMatchObject({ memory: expect.stringMatching(/^\d+Mi$/) as unknown });
      expect(archives).toEqual([name.endsWith('-rs') || name === 'dragonball' ? 'kata-static' : 'kata-go-static']);
    }
    expect(kataVariants).toHaveLength(26);
  });
});

describe('resolve() of gVisor', () => {
  it('means the project’s image, and upstream’s archive with the programs beside runsc for its dated release', () => {
    const task = (spec: object) => {
      const parsed = sandboxRuntimeSpec.parse({ family: 'gvisor', ...spec });
      const result = resolve('gvisor', { kind: 'Spec', spec: parsed }, { catalogue, images, hash });
      if (result.kind !== 'Wanted') throw new Error(result.message);
      return result.task;
    };
    expect(task({}).sources).toEqual([{ kind: 'image' }]);
    const dated = task({ version: '20261005.0' });
    expect(dated.sources).toMatchObject([{ kind: 'archive', arch: 'amd64', digest: { algorithm: 'sha512' } }]);
    expect(dated.handlers[0]).toMatchObject({
      brings: ['gvisor-bin'],
      requires: ['runsc', 'containerd-shim-runsc-v1', 'gvisor-bin/gvisor_sentry'],
    });
  });
});
