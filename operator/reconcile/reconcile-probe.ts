// The probe's DaemonSet: one for the cluster, there as long as the operator is.
import { revisionOf } from '../plan/revision.ts';
import { probeOn } from '../render/node-daemon-set.ts';
import { type Action, awaitChange, type Context } from './context.ts';

export async function reconcileProbe(context: Context): Promise<Action> {
  await context.writer.ensure('daemonSets', probeOn(context.settings, probeRevision(context)));
  return awaitChange;
}

export function probeRevision({ settings, hash }: Context): string {
  return revisionOf({ installerImage: settings.installerImage }, hash);
}
