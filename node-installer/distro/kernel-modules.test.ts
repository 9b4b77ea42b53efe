import { describe, expect, it } from 'vitest';
import { moduleState, type ModuleTraces } from './kernel-modules.ts';

const traces: ModuleTraces = {
  loaded: 'vhost_net 36864 0 - Live 0x0\ntun 61440 1 vhost_net, Live 0x0\n',
  inSysfs: ['kvm', 'vhost_net', 'tun'],
  builtIn: 'kernel/fs/fuse/fuse.ko\nkernel/crypto/crypto-user.ko\n',
  loadable: 'kernel/drivers/vhost/vhost_vsock.ko.xz: kernel/drivers/vhost/vhost.ko.xz\nkernel/x/dm-mod.ko:\n',
};

describe('moduleState()', () => {
  it.each([
    ['tun', 'Loaded'],
    ['kvm', 'BuiltIn'],
    ['fuse', 'BuiltIn'],
    ['crypto_user', 'BuiltIn'],
    ['vhost_vsock', 'Loadable'],
    ['dm_mod', 'Loadable'],
    ['vhost', 'Absent'],
    ['use', 'Absent'],
  ])('%s is %s', (name, state) => {
    expect(moduleState(name, traces)).toBe(state);
  });

  it('tells nothing of a kernel that takes no modules and does not list what is in it', () => {
    const monolith = { ...traces, loaded: undefined, inSysfs: ['kvm'], builtIn: '', loadable: '' };
    expect(moduleState('tun', monolith)).toBe('Untold');
    expect(moduleState('kvm', monolith)).toBe('BuiltIn');
  });
});
