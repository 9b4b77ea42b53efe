// Switches a node VM on and off as its plug does, and runs commands in it. It knows no Kubernetes.

import { createReadStream, createWriteStream } from 'node:fs';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { exists } from '../exists.ts';
import { isAlive, killProcess, startDetached } from '../docker/processes.ts';
import { run, tryRun } from '../run.ts';
import { sshKeyFile } from './credentials.ts';
import { diskFile } from './image.ts';
import { qemuArguments, type VmFiles } from './machine.ts';
import type { Vm } from './plan.ts';
import { firmwareFolders, qemuCommand } from './qemu.ts';
import { changeState, folderOf, readState } from './state.ts';

export interface NodeVm {
  readonly name: string;
  /** Boots from the disk as it is; does nothing when it is on. */
  powerOn(): Promise<void>;
  /** Cuts the power: what the VM has not written is lost. */
  powerOff(): Promise<void>;
  /** A shell command as root. */
  run(command: string): Promise<string>;
  /** Gives its engine the images of a tar, whose name tells its content. */
  loadImages(tar: string): Promise<void>;
  /** Waits until it takes commands. */
  waitUntilUp(): Promise<void>;
  readonly console: string;
}

export interface VmArtifacts {
  readonly qemu: string;
  readonly 'vm-image': string;
}

const UP_TIMEOUT_MS = 300_000;

export const seedFile = (cluster: string, vm: Vm): string => join(folderOf(cluster), `${vm.name}.seed`);

export const nodeVm = (cluster: string, vm: Vm, artifacts: VmArtifacts): NodeVm => {
  const folder = folderOf(cluster);
  const files = filesOf(cluster, vm, artifacts);
  const ssh = sshCommand(folder, vm);
  return {
    name: vm.name,
    console: files.console,
    powerOn: async () => {
      const machine = (await readState(cluster))?.machines[vm.name];
      if (machine !== undefined && (await isAlive(machine))) return;
      await ensureDisk(files.disk, artifacts);
      await ensureParcel(files.parcel);
      const command = [...qemuCommand(artifacts.qemu, 'qemu-system-x86_64'), ...qemuArguments(vm, files)];
      const started = await startDetached(command, join(folder, `${vm.name}-qemu.log`));
      await changeState(cluster, (state) => ({ ...state, machines: { ...state.machines, [vm.name]: started } }));
    },
    powerOff: async () => {
      const machine = (await readState(cluster))?.machines[vm.name];
      if (machine !== undefined) await killProcess(machine);
    },
    run: (command) => run([...ssh, command]),
    loadImages: async (tar) => {
      const loaded = `/var/cache/loaded-images/${basename(tar)}`;
      if ((await tryRun([...ssh, `test -e ${loaded}`])).code === 0) return;
      const sizeBytes = await fillParcel(files.parcel, tar);
      // What it read of the disk before is another parcel.
      const read = `blockdev --flushbufs /dev/vdc && head -c ${sizeBytes} /dev/vdc`;
      const remember = `mkdir -p /var/cache/loaded-images && touch ${loaded}`;
      await run([...ssh, `${read} | ctr -n k8s.io images import - && ${remember}`]);
    },
    waitUntilUp: () => waitUntilUp(ssh, vm, files.console),
  };
};

const filesOf = (cluster: string, vm: Vm, artifacts: VmArtifacts): VmFiles => ({
  kernel: join(artifacts['vm-image'], 'vmlinuz'),
  initrd: join(artifacts['vm-image'], 'initrd'),
  disk: join(folderOf(cluster), `${vm.name}.qcow2`),
  seed: seedFile(cluster, vm),
  parcel: join(folderOf(cluster), `${vm.name}.parcel`),
  console: join(folderOf(cluster), `${vm.name}-console.log`),
  firmware: firmwareFolders(artifacts.qemu),
});

/** What differs from the image, which all VMs share and none changes. */
const ensureDisk = async (disk: string, artifacts: VmArtifacts): Promise<void> => {
  if (await exists(disk)) return;
  const base = join(artifacts['vm-image'], diskFile);
  await run([...qemuCommand(artifacts.qemu, 'qemu-img'), 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, disk]);
};

/** Room for the largest tar of images; a disk keeps its size while a VM runs. It takes only what is written. */
const parcelBytes = 2 ** 30;

const ensureParcel = async (parcel: string): Promise<void> => {
  if (!(await exists(parcel))) await writeFile(parcel, '');
  await truncate(parcel, parcelBytes);
};

/** In place, since QEMU has the file open; an emulated network would take minutes. */
const fillParcel = async (parcel: string, file: string): Promise<number> => {
  const { size } = await stat(file);
  if (size > parcelBytes) throw new Error(`Cannot give ${file} to a VM: it has ${size} bytes, ${parcelBytes} fit.`);
  await pipeline(createReadStream(file), createWriteStream(parcel, { flags: 'r+' }));
  return size;
};

/** Keys and addresses are those of one cluster, so nothing is remembered of them. */
const sshCommand = (folder: string, vm: Vm): readonly string[] => [
  ...['ssh', '-i', sshKeyFile(folder), '-p', String(vm.sshPort)],
  ...['LogLevel=ERROR', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=10']
    .concat('IdentitiesOnly=yes', 'ServerAliveInterval=10', 'ServerAliveCountMax=6')
    .flatMap((option) => ['-o', option]),
  'root@127.0.0.1',
];

const waitUntilUp = async (ssh: readonly string[], vm: Vm, console: string): Promise<void> => {
  const deadline = Date.now() + UP_TIMEOUT_MS;
  while ((await tryRun([...ssh, 'true'])).code !== 0) {
    if (Date.now() > deadline) {
      throw new Error(`Cannot reach ${vm.name}: it takes no commands after ${UP_TIMEOUT_MS / 1000} s. See ${console}.`);
    }
    await sleep(500);
  }
};
