// What a test can see of a node from outside: files, the engine's process, whatever a command prints. It changes nothing.

import { runningDocker } from '../../hack/docker/ensure-docker.ts';
import { run } from '../../hack/run.ts';

/** Runs a command on a node of a kind cluster, beside the cluster's API. */
export async function onNode(node: string, ...command: string[]): Promise<string> {
  const docker = await runningDocker();
  if (docker === undefined) throw new Error(`Cannot look at node ${node}: no Docker runs here.`);
  return run(['docker', 'exec', node, ...command], { env: docker.env });
}

/** Every file under the folders that an installer could touch, with its digest, mode, owner and time of change. */
export const filesOf = (node: string): Promise<string> => onNode(node, 'sh', '-c', listFiles('%y %m %U %T@ %p %l\\n'));

/** The same without times: what has to be as before after a removal. */
export const contentOf = (node: string): Promise<string> => onNode(node, 'sh', '-c', listFiles('%y %m %U %p %l\\n'));

const folders = '/etc /opt /usr/local /var/lib/bulkhead /run/systemd/system';
/** What the node itself rewrites while the cluster runs. */
const notOurs = ['/etc/mtab', '/etc/resolv.conf', '/etc/kubernetes/*', '/etc/cni/*'];

function listFiles(format: string): string {
  const skip = notOurs.map((path) => `-not -path '${path}'`).join(' ');
  const find = `find ${folders} ${skip}`;
  return `(${find} -not -type d -printf '${format}'; ${find} -type d -printf '%y %m %U %p\\n'; find /etc/containerd -type f -exec sha256sum {} +) 2>/dev/null | LC_ALL=C sort`;
}

/** Changes whenever the container engine is started anew. */
export async function engineStart(node: string): Promise<string> {
  const unit = ['show', 'containerd', '-p', 'MainPID', '-p', 'ExecMainStartTimestampMonotonic', '--value'];
  return (await onNode(node, 'systemctl', ...unit)).trim().replaceAll('\n', ' ');
}
