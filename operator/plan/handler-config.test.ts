import { describe, expect, it } from 'vitest';
import { sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import { catalogue } from '../../runtime/catalogue.ts';
import { resolve } from './resolve.ts';

const surroundings = {
  catalogue,
  images: { installerImage: 'installer', payloadRepository: 'repository' },
  hash: (text: string) => String(text.length),
};
const resolved = (family: string, handler: object) => {
  const spec = sandboxRuntimeSpec.parse({ family, handlers: [handler] });
  return resolve('r', { kind: 'Spec', spec }, surroundings);
};
const task = (handler: object) => {
  const result = resolved('kata', handler);
  if (result.kind !== 'Wanted') throw new Error(result.message);
  return result.task;
};
const folder = (shim: string, own: string) => `share/defaults/kata-containers${shim}/runtimes/${own}/config.d`;

describe('handlerConfig()', () => {
  it('lays nothing over a config of which nothing is asked', () => {
    const { generatedFiles, handlers } = task({ name: 'kata-qemu', debug: false });
    expect(generatedFiles).toEqual([]);
    expect(handlers[0]?.config?.additions).toBeUndefined();
  });

  it('lays the admin’s words over the config as they are, last of all', () => {
    const config = '[hypervisor.qemu]\ndefault_memory = 4096 # more\n';
    const { generatedFiles } = task({ name: 'kata-qemu-runtime-rs', config, debug: true });
    expect(generatedFiles.map(({ path }) => path)).toEqual([
      `${folder('/runtime-rs', 'qemu-runtime-rs')}/20-debug.toml`,
      `${folder('/runtime-rs', 'qemu-runtime-rs')}/50-user.toml`,
    ]);
    expect(generatedFiles[1]?.text).toBe(config);
  });

  it('adds to what the config allows and to the guest’s kernel parameters', () => {
    const guest = { pullImages: true, httpsProxy: 'http://proxy:3128', noProxy: '.local' };
    const { handlers, generatedFiles } = task({ name: 'kata-fc', allowedAnnotations: ['default_vcpus'], guest });
    expect(generatedFiles).toEqual([
      {
        path: `${folder('', 'fc')}/25-guest-pull.toml`,
        text: '[runtime]\nexperimental_force_guest_pull = true\n',
      },
    ]);
    expect(handlers[0]?.config?.additions).toEqual([
      { at: ['hypervisor', 'firecracker', 'enable_annotations'], kind: 'list', values: ['default_vcpus'] },
      {
        at: ['hypervisor', 'firecracker', 'kernel_params'],
        kind: 'words',
        values: ['agent.https_proxy=http://proxy:3128', 'agent.no_proxy=.local'],
      },
    ]);
  });

  it('has the Rust shim pull in the guest by its own switch', () => {
    const { handlers } = task({ name: 'kata-qemu-runtime-rs', guest: { pullImages: true } });
    expect(handlers[0]?.config?.additions).toEqual([
      { at: ['runtime', 'experimental'], kind: 'list', values: ['force_guest_pull'] },
    ]);
  });

  it('tells CRI-O of guests that pull, as the variant or the admin has it', () => {
    expect(task({ name: 'kata-qemu-tdx' }).handlers[0]?.pullsInGuest).toBe(true);
    expect(task({ name: 'kata-qemu', guest: { pullImages: true } }).handlers[0]?.pullsInGuest).toBe(true);
    expect(task({ name: 'kata-qemu' }).handlers[0]?.pullsInGuest).toBeUndefined();
  });

  it('takes the admin’s snapshotter before the variant’s', () => {
    expect(task({ name: 'kata-fc' }).handlers[0]?.snapshotter).toBe('devmapper');
    expect(task({ name: 'kata-fc', snapshotter: 'blockfile' }).handlers[0]?.snapshotter).toBe('blockfile');
    expect(task({ name: 'kata-qemu' }).handlers[0]?.snapshotter).toBeUndefined();
  });

  it.each([
    [
      'a key of the other shim’s',
      'kata',
      { name: 'kata-qemu-runtime-rs', config: '[hypervisor.qemu]\nenable_numa = true\nseccompsandbox = "on"\n' },
      'UnknownConfigKey',
      'The config of the handler kata-qemu-runtime-rs would mean nothing: hypervisor.qemu.enable_numa is set, but only the Go shim reads it; hypervisor.qemu.seccompsandbox is set, but only the Go shim reads it, this one hypervisor.seccomp_sandbox.',
    ],
    [
      'what is no TOML',
      'kata',
      { name: 'kata-qemu', config: '[hypervisor' },
      'ConfigUnreadable',
      /^The config of the handler kata-qemu is no TOML: .+\.$/,
    ],
    [
      'a config for a family that has none',
      'gvisor',
      { name: 'gvisor', config: '[a]\n' },
      'ConfigNotSupported',
      'The handler gvisor has no config of its own that config could change.',
    ],
  ])('refuses %s', (_, family, handler, reason, message) => {
    const result = resolved(family, handler);
    expect(result).toMatchObject({ kind: 'InvalidSpec', reason });
    expect(result.kind === 'InvalidSpec' && result.message).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });
});
