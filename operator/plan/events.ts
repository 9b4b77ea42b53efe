// What is worth an Event: a node that changed phase, a condition that changed; compares what was said with what is said.
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { SandboxRuntimeStatus } from '../../crds/sandbox-runtime.ts';

export type Happening = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Tells this from every other happening to the same object, so that it is told once. */
  readonly identity: string;
};

const telling: Partial<Record<NodeRuntime['phase'], 'Normal' | 'Warning'>> = {
  Planned: 'Normal',
  Ready: 'Normal',
  Removing: 'Normal',
  Ineligible: 'Warning',
  Failed: 'Warning',
  RolledBack: 'Warning',
  Blocked: 'Warning',
};

/** For a SandboxNode: the phases that last; the steps in between can be seen in its status. */
export function nodeEvents(before: readonly NodeRuntime[], after: readonly NodeRuntime[]): Happening[] {
  const changed = after.filter(({ name, phase, lastTransitionTime }) => {
    const earlier = before.find((entry) => entry.name === name);
    return earlier?.phase !== phase || earlier.lastTransitionTime !== lastTransitionTime;
  });
  const drifted = after.filter(({ name, check }) => {
    const earlier = before.find((entry) => entry.name === name);
    return check?.drift !== undefined && earlier?.check?.pod !== check.pod;
  });
  const removed = before.filter(({ name }) => !after.some((entry) => entry.name === name));
  return [
    ...changed.flatMap(ofEntry),
    ...drifted.map(ofDrift),
    ...removed.filter(({ phase }) => phase === 'Removing').map(ofRemoval),
  ];
}

/** For a SandboxRuntime: conditions that turned, but not the rollout's coming and going of Progressing. */
export function runtimeEvents(before: SandboxRuntimeStatus, after: SandboxRuntimeStatus): Happening[] {
  return (after.conditions ?? []).flatMap(({ type, status, reason, message, lastTransitionTime }): Happening[] => {
    const earlier = before.conditions?.find((condition) => condition.type === type);
    const turned = earlier?.status !== status || (status === 'True' && earlier.reason !== reason);
    const isNews = status === 'True' || (type === 'Ready' && isFault(reason));
    if (!turned || !isNews || type === 'Progressing') return [];
    const kind = (type === 'Ready' || type === 'Planned') && status === 'True' ? 'Normal' : 'Warning';
    return [{ type: kind, reason, message, identity: `${type} ${reason} ${lastTransitionTime}` }];
  });
}

function isFault(reason: string): boolean {
  return !['Removing', 'NodesNotReady', 'NodesOutdated', 'NoEligibleNodes', 'PlanOnly'].includes(reason);
}

function ofEntry({ name, phase, reason, message, hint, revision, lastTransitionTime }: NodeRuntime): Happening[] {
  const type = telling[phase];
  if (!type) return [];
  const details = [message, hint].filter((part) => part).join(' ');
  const text = details || (revision ? `revision ${revision}` : '');
  const identity = `${name} ${phase} ${lastTransitionTime}`;
  return [{ type, reason: reason ?? phase, message: `${name}: ${phase}${text ? `: ${text}` : ''}`, identity }];
}

function ofDrift({ name, reason = 'Drifted', message = '', check }: NodeRuntime): Happening {
  return { type: 'Warning', reason, message: `${name}: ${message}`, identity: `${name} Drifted ${check?.pod}` };
}

function ofRemoval({ name, lastTransitionTime }: NodeRuntime): Happening {
  return {
    type: 'Normal',
    reason: 'Removed',
    message: `${name}: Removed`,
    identity: `${name} Removed ${lastTransitionTime}`,
  };
}
