// Tests the generated CRDs on a real API server: that it takes them, sets the defaults, and refuses each mistake in words.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../control-plane/start-control-plane.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';

const generated = join(import.meta.dirname, '../../crds/generated');
const dnsLabel = 'must be a DNS label: lower-case letters, digits and -, with a letter or digit at both ends';

let plane: ControlPlane;
let kubectl: Kubectl;
beforeAll(async () => {
  plane = await startControlPlane();
  kubectl = await kubectlFor(plane);
  await kubectl.run(['apply', '--server-side', '-f', generated]);
  await kubectl.run(['wait', '--for=condition=Established', '--timeout=30s', '-f', generated]);
});
afterAll(() => plane?.stop());

type Spec = Readonly<Record<string, unknown>>;
const runtime = (spec: Spec, name = 'x') => ({
  apiVersion: 'bulkhead.dev/v1alpha1',
  kind: 'SandboxRuntime',
  metadata: { name },
  spec: { family: 'gvisor', ...spec },
});
/** What the API server makes of the object, which it does not keep. */
const tryOut = (object: object) =>
  kubectl.try(['create', '--dry-run=server', '--validate=strict', '-o', 'json', '-f', '-'], JSON.stringify(object));
const handler = (runtimeClass: Spec, name = 'a') => ({ name, runtimeClass });
const classed = (runtimeClass: Spec) => ({ handlers: [handler(runtimeClass)] });
const archive = { url: 'https://files.example/a.tar.zst', sha256: '0'.repeat(64) };
const from = (...sources: Spec[]) => runtime({ payload: { sources } });
const custom = (change: Spec) =>
  runtime({
    family: 'custom',
    payload: { sources: [{ archive }] },
    handlers: [{ name: 'runnc', type: 'oci', path: 'bin/runnc', ...change }],
  });
const tolerating = (toleration: Spec) => ({ nodes: { tolerations: [toleration] } });

describe('CustomResourceDefinitions', () => {
  it('are structural and their names are accepted', async () => {
    const { items } = JSON.parse(await kubectl.run(['get', 'crds', '-o', 'json'])) as {
      items: { status: { conditions: { type: string; status: string }[] } }[];
    };
    const conditions = items.map((crd) => crd.status.conditions.map(({ type, status }) => `${type}=${status}`));
    expect(conditions).toEqual([
      ['NamesAccepted=True', 'Established=True'],
      ['NamesAccepted=True', 'Established=True'],
    ]);
  });

  it.each([
    ['sandboxruntimes', 'sbr', 'NAME FAMILY VERSION READY STATUS AGE'],
    ['sandboxnodes', 'sbn', 'NAME ENGINE KVM RUNTIMES AGE'],
  ])('show %s by the name %s with its columns', async (plural, shortName, columns) => {
    const kind = plural === 'sandboxnodes' ? 'SandboxNode' : 'SandboxRuntime';
    const object = { ...runtime({}, `shown-${shortName}`), kind };
    await kubectl.run(
      ['create', '-f', '-'],
      JSON.stringify(kind === 'SandboxNode' ? { ...object, spec: undefined } : object),
    );
    const table = await kubectl.run(['get', shortName]);
    expect(table.split('\n')[0]?.trim().split(/\s+/).join(' ')).toBe(columns);
    expect(await kubectl.run(['get', 'bulkhead', '-o', 'name'])).toContain(`${plural.slice(0, -1)}.bulkhead.dev/`);
  });

  it('explain every field', async () => {
    const text = await kubectl.run(['explain', 'sandboxruntime.spec.rollout.maxUnavailable']);
    expect(text).toContain('Nodes that may change at the same time');
  });
});

describe('SandboxRuntime', () => {
  it('gets every default from a family alone', async () => {
    const { stdout } = await tryOut(runtime({}));
    expect((JSON.parse(stdout) as { spec: Spec }).spec).toEqual({
      family: 'gvisor',
      rollout: { paused: false, maxUnavailable: 1 },
      drift: { checkIntervalSeconds: 21_600, repair: true },
      removal: { policy: 'WaitForPods' },
      mode: 'Apply',
    });
  });

  it('gets defaults inside what is given', async () => {
    const { stdout } = await tryOut(runtime({ rollout: { paused: true }, handlers: [handler({})] }));
    expect((JSON.parse(stdout) as { spec: Spec }).spec).toMatchObject({
      rollout: { paused: true, maxUnavailable: 1 },
      handlers: [{ name: 'a', runtimeClass: { create: true } }],
    });
  });

  const good: readonly (readonly [what: string, object: object])[] = [
    ['a name of 32 characters', runtime({}, 'a'.repeat(32))],
    ['a family that nobody knows, which the operator answers on the status', runtime({ family: 'unheard-of' })],
    ['a count of nodes', runtime({ rollout: { maxUnavailable: 5 } })],
    ['a share of nodes', runtime({ rollout: { maxUnavailable: '10%' } })],
    ['all nodes', runtime({ rollout: { maxUnavailable: '100%' } })],
    ['an image with a digest', from({ image: `registry.example:5000/a/b@sha256:${'0'.repeat(64)}` })],
    ['an archive with sha256, for one architecture', from({ archive, arch: 'arm64' })],
    ['an archive with sha512', from({ archive: { url: archive.url, sha512: '0'.repeat(128) } })],
    ['an image to mount', from({ imageVolume: 'a/b' })],
    ['a folder of the node over an image', from({ image: 'a/b' }, { hostPath: '/srv/payload' })],
    ['a runtime of its own', custom({})],
    ['several handlers with aliases', runtime({ handlers: [handler({ name: 'k', aliases: ['l'] }), { name: 'b' }] })],
    ['overhead', runtime(classed({ overhead: { cpu: '250m', memory: '160Mi' } }))],
    ['node labels', runtime({ nodes: { selector: { 'node.example/pool': 'sandboxes', empty: '' } } })],
    ['labels for ready nodes', runtime({ nodes: { labels: { 'gvisor-enabled': 'true' } } })],
    ['a toleration of everything', runtime(tolerating({ operator: 'Exists' }))],
    ['a toleration of a value', runtime(tolerating({ key: 'a', value: 'b', effect: 'NoSchedule' }))],
    ['a toleration for a time', runtime(tolerating({ key: 'a', effect: 'NoExecute', tolerationSeconds: 3 }))],
    ['removal by force', runtime({ removal: { policy: 'Force' } })],
  ];
  it.each(good)('may have %s', async (_, object) => {
    expect(await tryOut(object)).toMatchObject({ code: 0 });
  });

  const bad: readonly (readonly [what: string, object: object, message: string])[] = [
    ['a long name', runtime({}, 'a'.repeat(33)), 'metadata.name: Too long: may not be more than 32 bytes'],
    ['a name with a dot', runtime({}, 'a.b'), `metadata.name ${dnsLabel}`],
    ['no spec', { ...runtime({}), spec: undefined }, 'spec: Required value'],
    ['no family', runtime({ family: undefined }), 'spec.family: Required value'],
    ['an empty family', runtime({ family: '' }), 'spec.family in body should be at least 1 chars long'],
    ['a field that is none', runtime({ familly: 'gvisor' }), 'unknown field "spec.familly"'],
    [
      'no node at a time',
      runtime({ rollout: { maxUnavailable: 0 } }),
      'spec.rollout.maxUnavailable: Invalid value: 0: must be a number of at least 1, or a share from 1% to 100%',
    ],
    [
      'a share of nothing',
      runtime({ rollout: { maxUnavailable: '0%' } }),
      'spec.rollout.maxUnavailable: Invalid value: "0%": must be a number of at least 1, or a share from 1% to 100%',
    ],
    [
      'more than all',
      runtime({ rollout: { maxUnavailable: '101%' } }),
      'must be a number of at least 1, or a share from 1% to 100%',
    ],
    [
      'a count as text',
      runtime({ rollout: { maxUnavailable: '3' } }),
      'must be a number of at least 1, or a share from 1% to 100%',
    ],
    ['a payload without sources', runtime({ payload: {} }), 'spec.payload.sources: Required value'],
    [
      'an image that is none',
      from({ image: 'no image' }),
      'spec.payload.sources[0].image: Invalid value: "no image": must be an image reference such as registry.example/payload-gvisor:20260905',
    ],
    [
      'a source that is two things',
      from({ image: 'a', hostPath: '/a' }),
      'spec.payload.sources[0]: Invalid value: must have exactly one of image, imageVolume, archive and hostPath',
    ],
    [
      'a source that is nothing',
      from({ arch: 'arm64' }),
      'must have exactly one of image, imageVolume, archive and hostPath',
    ],
    [
      'two images',
      from({ image: 'a' }, { image: 'b' }),
      'must have at most one image or imageVolume, since nodes read the payload from one place',
    ],
    [
      'an image to run and another to mount',
      from({ image: 'a' }, { imageVolume: 'b' }),
      'must have at most one image or imageVolume, since nodes read the payload from one place',
    ],
    ['an image for one architecture', from({ image: 'a', arch: 'amd64' }), 'arch is for archive and hostPath'],
    [
      'an archive without digest',
      from({ archive: { url: archive.url } }),
      'spec.payload.sources[0].archive: Invalid value: must have exactly one of sha256 and sha512',
    ],
    [
      'an archive with half a digest',
      from({ archive: { ...archive, sha256: '00' } }),
      'sha256: Invalid value: "00": must be 64 lower-case hex digits',
    ],
    [
      'a URL with a password',
      from({ archive: { ...archive, url: 'https://me:secret@files.example/a' } }),
      'must be an http or https URL without credentials',
    ],
    [
      'labels for ready nodes that are the operator’s',
      runtime({ nodes: { labels: { 'handler.bulkhead.dev/x': 'ready' } } }),
      'no key may be one of bulkhead.dev, which the operator keeps for itself',
    ],
    ['a relative folder', from({ hostPath: 'srv' }), 'must be an absolute path without a slash at its end'],
    [
      'a runtime of its own without payload',
      runtime({ family: 'custom', handlers: [{ name: 'a', type: 'oci', path: 'a' }] }),
      'spec: Invalid value: the family custom must have payload and handlers',
    ],
    [
      'a runtime of its own without program',
      custom({ path: undefined }),
      "every handler of the family custom must have type and path, and no other family's may",
    ],
    [
      'a program of its own in a family that has one',
      runtime({ handlers: [{ name: 'a', type: 'oci', path: 'a' }] }),
      "every handler of the family custom must have type and path, and no other family's may",
    ],
    ['a program outside of its payload', custom({ path: '../runnc' }), 'path must stay inside the payload'],
    ['an empty list of handlers', runtime({ handlers: [] }), 'spec.handlers in body should have at least 1 items'],
    [
      '17 handlers',
      runtime({ handlers: Array.from({ length: 17 }, (_, index) => ({ name: `h${index}` })) }),
      'spec.handlers: Too many: 17: must have at most 16 items',
    ],
    [
      'a handler that no config could hold',
      runtime({ handlers: [{ name: 'A b' }] }),
      `spec.handlers[0].name: Invalid value: "A b": ${dnsLabel}`,
    ],
    [
      'a handler twice',
      runtime({ handlers: [{ name: 'a' }, { name: 'a' }] }),
      'spec.handlers[1]: Duplicate value: {"name":"a"}',
    ],
    [
      'a class that is no name',
      runtime(classed({ name: '-a' })),
      `spec.handlers[0].runtimeClass.name: Invalid value: "-a": ${dnsLabel}`,
    ],
    [
      'an alias that is no name',
      runtime(classed({ aliases: ['A'] })),
      `spec.handlers[0].runtimeClass.aliases[0]: Invalid value: "A": ${dnsLabel}`,
    ],
    [
      'an alias twice',
      runtime(classed({ aliases: ['k', 'k'] })),
      'spec.handlers[0].runtimeClass.aliases[1]: Duplicate value: "k"',
    ],
    [
      'an alias that is the class itself',
      runtime(classed({ name: 'k', aliases: ['k'] })),
      "spec.handlers[0]: Invalid value: runtimeClass.aliases must not repeat the name of the handler's own RuntimeClass",
    ],
    [
      'an alias that is the class by default',
      runtime(classed({ aliases: ['a'] })),
      "runtimeClass.aliases must not repeat the name of the handler's own RuntimeClass",
    ],
    [
      'a class of two handlers',
      runtime({ handlers: [handler({ name: 'k' }), handler({ name: 'k' }, 'b')] }),
      'spec.handlers: Invalid value: a RuntimeClass name or alias must belong to one handler only',
    ],
    [
      'an alias of two handlers',
      runtime({ handlers: [handler({ aliases: ['k'] }), handler({ aliases: ['k'] }, 'b')] }),
      'a RuntimeClass name or alias must belong to one handler only',
    ],
    [
      'an alias that is another class by default',
      runtime({ handlers: [handler({ aliases: ['b'] }), { name: 'b' }] }),
      'a RuntimeClass name or alias must belong to one handler only',
    ],
    [
      'overhead in no unit',
      runtime(classed({ overhead: { memory: '160 MB' } })),
      'spec.handlers[0].runtimeClass.overhead: Invalid value: every value must be a quantity such as 250m or 160Mi',
    ],
    [
      'overhead below nothing',
      runtime(classed({ overhead: { cpu: '-1' } })),
      'every value must be a quantity such as 250m or 160Mi',
    ],
    [
      'a label key that is none',
      runtime(classed({ nodeSelector: { 'a b': '' } })),
      'spec.handlers[0].runtimeClass.nodeSelector: Invalid value: every key must be a label key such as node.example/pool',
    ],
    [
      'a label value that is none',
      runtime({ nodes: { selector: { pool: '-a' } } }),
      'spec.nodes.selector: Invalid value: every value must be a label value',
    ],
    [
      'a toleration of no key',
      runtime(tolerating({ value: 'a' })),
      'spec.nodes.tolerations[0]: Invalid value: a toleration without key must have the operator Exists',
    ],
    [
      'a toleration with a needless value',
      runtime(tolerating({ key: 'a', operator: 'Exists', value: 'b' })),
      'a toleration with the operator Exists must not have a value',
    ],
    [
      'a toleration for a time of no effect',
      runtime(tolerating({ key: 'a', operator: 'Exists', tolerationSeconds: 3 })),
      'a toleration with tolerationSeconds must have the effect NoExecute',
    ],
    [
      'an effect that is none',
      runtime(tolerating({ key: 'a', effect: 'No' })),
      'spec.nodes.tolerations[0].effect: Unsupported value: "No": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
    [
      'a removal that is none',
      runtime({ removal: { policy: 'Now' } }),
      'spec.removal.policy: Unsupported value: "Now": supported values: "WaitForPods", "Force"',
    ],
  ];
  it.each(bad)('must not have %s', async (_, object, message) => {
    const { code, output } = await tryOut(object);
    expect(code).toBe(1);
    expect(output).toContain(message);
  });

  it('cannot become another family', async () => {
    await kubectl.run(['create', '-f', '-'], JSON.stringify(runtime({}, 'changing')));
    const patch = (spec: Spec) =>
      kubectl.try(['patch', 'sbr', 'changing', '--type=merge', '-p', JSON.stringify({ spec })]);
    expect(await patch({ version: '2' })).toMatchObject({ code: 0 });
    const { code, output } = await patch({ family: 'kata' });
    expect(code).toBe(1);
    expect(output).toContain(
      'spec.family: Invalid value: "kata": family cannot change; delete the SandboxRuntime and create another',
    );
  });

  it('keeps its status apart from what the admin applies', async () => {
    const { stdout } = await tryOut({ ...runtime({}), status: { ready: '1/1' } });
    expect(JSON.parse(stdout)).not.toHaveProperty('status');
  });
});
