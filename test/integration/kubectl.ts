// Runs kubectl as an admin would, against a control plane for tests.
import { join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { run, tryRun, type RunResult } from '../../hack/run.ts';
import type { ControlPlane } from '../control-plane/start-control-plane.ts';

export type Kubectl = {
  /** Gives what it printed. @throws when it fails */
  run(args: readonly string[], input?: string): Promise<string>;
  /** Gives what it printed and its exit code. */
  try(args: readonly string[], input?: string): Promise<RunResult>;
};

export async function kubectlFor({ kubeconfig }: Pick<ControlPlane, 'kubeconfig'>): Promise<Kubectl> {
  const program = join(await ensure('kubernetes', progress('build')), 'kubectl');
  const env = { KUBECONFIG: kubeconfig };
  return {
    run: (args, input = '') => run([program, ...args], { input, env }),
    try: (args, input = '') => tryRun([program, ...args], { input, env }),
  };
}
