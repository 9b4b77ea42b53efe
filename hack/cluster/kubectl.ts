// Runs kubectl inside a cluster's first control plane node, so that the machine itself needs none.

import { runningDocker, type Docker } from '../docker/ensure-docker.ts';
import { run } from '../run.ts';

export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

export const kubectlOf =
  (cluster: string, docker: Docker): Kubectl =>
  (args, input) => {
    const exec = ['docker', 'exec', '-i', `${cluster}-control-plane`];
    const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
    return run([...exec, ...kubectl, ...args], { env: docker.env, ...(input === undefined ? {} : { input }) });
  };

/** For tests: kubectl of a cluster that is up. */
export const kubectlOfRunning = async (cluster: string): Promise<Kubectl> => {
  const docker = await runningDocker();
  if (docker === undefined) throw new Error(`Cannot reach cluster ${cluster}: no Docker runs here. Run make up first.`);
  return kubectlOf(cluster, docker);
};
