// The refusals for a disk that takes no more, or nothing at all, with how much is missing where that is known.
import { hostPaths } from '../../crds/names.ts';
import { WriteRefused } from '../host/host.ts';
import { refuse, type Refusal } from './step.ts';

export function noDiskSpace(neededBytes: number, freeBytes: number): Refusal {
  const message = `Cannot put the payload under ${hostPaths.prefix}: ${missing(neededBytes, freeBytes)}.`;
  return refuse('ineligible', 'NoDiskSpace', message, `Free disk space below ${hostPaths.prefix}.`);
}

/** What the disk has refused, as a result, or what `write` itself refuses. Every other error goes on. */
export async function refusalOf(write: () => Promise<Refusal | void>): Promise<Refusal | undefined> {
  try {
    return (await write()) ?? undefined;
  } catch (error) {
    if (error instanceof WriteRefused) return refuseWrite(error);
    throw error;
  }
}

export function refuseWrite({ path, why, neededBytes, freeBytes }: WriteRefused): Refusal {
  if (why === 'ReadOnly') {
    const hint =
      'Make it writable again; if it went read-only by itself, look for disk errors in the log of the kernel.';
    return refuse('failed', 'ReadOnlyHost', `Cannot write to ${path}: it is on a read-only file system.`, hint);
  }
  if (why === 'OverQuota') {
    const hint = 'Raise the quota of its file system, or free disk space there.';
    return refuse('failed', 'NoDiskSpace', `Cannot write to ${path}: the disk quota is used up.`, hint);
  }
  const lacks = neededBytes !== undefined && freeBytes !== undefined && freeBytes < neededBytes;
  const state = lacks ? missing(neededBytes, freeBytes) : 'its disk is full';
  return refuse(
    'failed',
    'NoDiskSpace',
    `Cannot write to ${path}: ${state}.`,
    `Free disk space, and inodes, for ${path}.`,
  );
}

function missing(neededBytes: number, freeBytes: number): string {
  return `${neededBytes - freeBytes} bytes are missing (${neededBytes} needed, ${freeBytes} free)`;
}
