import { describe, expect, it } from 'vitest';
import { kataOptions } from './kata-options.ts';

describe('kataOptions()', () => {
  const rust = kataOptions('qemu', 'rust');
  const go = kataOptions('firecracker', 'go');

  it.each([
    ['hypervisor.qemu.default_memory', rust],
    ['hypervisor.qemu.factory.enable_template', rust],
    ['agent.kata.dial_timeout_ms', rust],
    ['runtime.experimental', rust],
    ['hypervisor.firecracker.jailer_path', go],
    ['agent.kata.dial_timeout', go],
    ['factory.vm_cache_number', go],
  ])('has nothing against %s', (setting, options) => {
    expect(options.objection(setting.split('.'))).toBeUndefined();
  });

  it.each([
    ['hypervisor.qemu.seccompsandbox', rust, 'only the Go shim reads it, this one hypervisor.seccomp_sandbox'],
    ['hypervisor.qemu.enable_numa', rust, 'only the Go shim reads it'],
    ['agent.kata.dial_timeout', rust, 'only the Go shim reads it, this one agent.reconnect_timeout_ms'],
    [
      'runtime.experimental_force_guest_pull',
      rust,
      'only the Go shim reads it, this one runtime.experimental = ["force_guest_pull"]',
    ],
    ['agent.kata.reconnect_timeout_ms', go, 'only the Rust shim reads it, this one agent.dial_timeout'],
    ['agent.kata.dial_timeout_ms', go, 'only the Rust shim reads it'],
    // In configs that are shipped with the Rust shim, all the same.
    ['hypervisor.qemu.firmware_volume', rust, 'only the Go shim reads it'],
    ['hypervisor.qemu.use_legacy_serial', rust, 'only the Go shim reads it'],
    ['runtime.kubelet_root_dir', rust, 'only the Go shim reads it'],
    ['hypervisor.firecracker.ctlpath', go, 'only the Rust shim reads it'],
    ['hypervisor.qemu.default_memorry', rust, 'neither of Kata’s shims reads it'],
    ['hypervisor.clh.default_memory', rust, 'this handler reads the table hypervisor.qemu'],
    ['agent.hyperstart.enable_debug', rust, 'this handler reads the table agent.kata'],
    ['runtimes.enable_debug', rust, 'there are the tables hypervisor, agent, runtime and factory'],
  ])('objects to %s', (setting, options, objection) => {
    expect(options.objection(setting.split('.'))).toBe(objection);
  });
});
