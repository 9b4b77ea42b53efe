// Turns changes in the cluster into keys, and keys into reconciliations; knows neither plans nor objects.
import { Queue } from '../kube/queue.ts';
import type { Change } from '../kube/store.ts';
import { canonical } from '../plan/revision.ts';
import { type Cluster, synced } from './cluster.ts';
import type { Action, Context } from './context.ts';
import { errorPolicy } from './error-policy.ts';
import { reconcileNode } from './reconcile-node.ts';
import { reconcileProbe } from './reconcile-probe.ts';
import { reconcileRuntime } from './reconcile-runtime.ts';

const workers = 4;

/** Reconciles until aborted, then waits for what runs. */
export async function runController(context: Context, signal: AbortSignal): Promise<void> {
  const { cluster } = context;
  const failures = new Map<string, number>();
  const queue = new Queue(workers, async (key) => {
    const action = await reconcileOnce(key, context, failures, signal);
    if ('requeueAfterMs' in action) queue.add(key, action.requeueAfterMs);
  });
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  await Promise.race([synced(cluster), aborted.promise]);
  if (signal.aborted) return;
  onChanges(cluster, (key) => queue.add(key));
  for (const key of allKeys(cluster)) queue.add(key);
  await aborted.promise;
  await queue.close();
}

async function reconcileOnce(
  key: string,
  context: Context,
  failures: Map<string, number>,
  signal: AbortSignal,
): Promise<Action> {
  try {
    const action = await reconcile(key, context);
    failures.delete(key);
    return action;
  } catch (error) {
    if (signal.aborted) return { awaitChange: true };
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    const { level, requeueAfterMs } = errorPolicy(error, count, Math.random());
    context.log[level]({ key, err: error, requeueAfterMs }, 'reconciliation failed');
    return { requeueAfterMs };
  }
}

function reconcile(key: string, context: Context): Promise<Action> {
  const [kind, name = ''] = key.split('/');
  if (kind === 'runtime') return reconcileRuntime(name, context);
  return kind === 'node' ? reconcileNode(name, context) : reconcileProbe(context);
}

const runtimeKeys = ({ runtimes }: Cluster) => runtimes.list().map(({ name }) => `runtime/${name}`);
const nodeKeys = ({ nodes }: Cluster) => nodes.list().map(({ name }) => `node/${name}`);
const allKeys = (cluster: Cluster) => ['probe', ...runtimeKeys(cluster), ...nodeKeys(cluster)];

/** Who has to look when what changes. */
function onChanges(cluster: Cluster, add: (key: string) => void): void {
  const addAll = (keys: readonly string[]) => keys.forEach((key) => add(key));
  cluster.runtimes.onChange((change) => {
    add(`runtime/${change.name}`);
    if (!isStatusOnly(change)) addAll([...runtimeKeys(cluster), ...nodeKeys(cluster)]);
  });
  cluster.nodes.onChange(({ name }) => addAll([`node/${name}`, ...runtimeKeys(cluster)]));
  cluster.sandboxNodes.onChange(({ name }) => addAll([`node/${name}`, ...runtimeKeys(cluster)]));
  cluster.pods.onChange(({ before, after }) => {
    for (const pod of [before, after]) {
      if (pod?.node) add(`node/${pod.node}`);
      if (pod?.runtime) add(`runtime/${pod.runtime}`);
    }
  });
  cluster.daemonSets.onChange(() => addAll(['probe', ...runtimeKeys(cluster)]));
  cluster.runtimeClasses.onChange(() => addAll(runtimeKeys(cluster)));
}

function isStatusOnly({ before, after }: Change<{ readonly status: unknown }>): boolean {
  const rest = (value: { readonly status: unknown } | undefined) => canonical({ ...value, status: undefined });
  return before !== undefined && after !== undefined && rest(before) === rest(after);
}
