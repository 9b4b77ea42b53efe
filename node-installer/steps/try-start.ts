// Starts the node's own containerd binary on the config that is on disk, apart from the containerd that runs, and asks whether its CRI lives.
import { hostPaths } from '../../crds/names.ts';
import {
  hiddenFolders,
  judgeTrial,
  type TrialVerdict,
  trialScript,
  usualFolders,
} from '../engine/containerd/trial-start.ts';
import type { Host } from '../host/host.ts';
import type { CheckedConfig } from './check-config.ts';
import { refuse, type Refusal } from './step.ts';

const trialFolder = `${hostPaths.state}/trial`;
/** Mount, network and PID, by a child that is the first in them; in words that util-linux and busybox both know. */
const namespaces = ['-m', '-n', '-p', '-f'];

/**
 * For a config that the running engine has not read: its next restart, ours or another's, would meet what is wrong with it.
 * Only what can be proved is refused: a trial of containerd's defaults, kept apart the same way, must serve.
 * *Guarantees*: nothing of the running engine is seen or touched, and nothing is left.
 */
export async function tryStart(
  host: Host,
  { tree: { rootPath }, dump, program }: Extract<CheckedConfig, { kind: 'Sound' }>,
): Promise<Refusal | undefined> {
  const hidden = hiddenFolders(dump, [rootPath, program, trialFolder]);
  if (!hidden || (await wouldBeMade(host, hidden))) return undefined;
  await host.makeFolder(hostPaths.state, 0o700);
  await host.makeFolder(trialFolder, 0o700);
  const trial = async (config: string): Promise<TrialVerdict> => {
    const command = ['sh', '-c', trialScript, 'sh', trialFolder, program, config, ...hidden];
    return judgeTrial(await host.run(['unshare', ...namespaces, ...command]), hidden);
  };
  try {
    const verdict = await trial(rootPath);
    if (verdict.kind !== 'Dead' || (await trial('')).kind !== 'Serves') return undefined;
    const message = `Cannot use the config ${rootPath}, which the running containerd has not read yet: with it, ${verdict.why}.`;
    return refuse(
      'failed',
      'ConfigBroken',
      message,
      'Repair the file; the next restart would meet it. Bulkhead has changed nothing.',
    );
  } finally {
    await host.removeTree(trialFolder);
    await host.removeEmptyFolder(hostPaths.state);
  }
}

/** What containerd would make on the host's own disk. */
async function wouldBeMade(host: Host, folders: readonly string[]): Promise<boolean> {
  const others = folders.filter((folder) => !usualFolders.includes(folder));
  return (await Promise.all(others.map((folder) => host.stat(folder)))).includes(undefined);
}
