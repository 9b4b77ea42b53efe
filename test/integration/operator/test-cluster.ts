// A real API server with Bulkhead's manifests applied, for the operator to work against with no more than its own rights.
import { readFileSync, writeFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { installYaml } from '../../../charts/install.ts';
import { namespace, operatorServiceAccount } from '../../../crds/names.ts';
import { connect, type KubeClient } from '../../../operator/kube/client.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane/start-control-plane.ts';
import { kubectlFor } from '../kubectl.ts';

export type TestCluster = {
  readonly plane: ControlPlane;
  /** May do everything. */
  readonly admin: KubeClient;
  readonly adminConfig: KubeConfig;
  /** Kubeconfig of the operator's account, through another address if given. */
  operatorKubeconfig(port?: number): string;
  stop(): Promise<void>;
};

export const settings = {
  installerImage: 'registry.example/node-installer:1',
  payloadRepository: 'registry.example',
  pauseImage: 'registry.example/pause:1',
};

export async function startTestCluster(): Promise<TestCluster> {
  const plane = await startControlPlane();
  const kubectl = await kubectlFor(plane);
  const manifests = installYaml({ ...settings, namespace, operatorImage: 'registry.example/operator:1', replicas: 1 });
  await kubectl.run(['apply', '--server-side', '-f', '-'], manifests);
  await kubectl.run(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
  const token = await kubectl.run(['create', 'token', operatorServiceAccount, '-n', namespace, '--duration=2h']);
  const own = plane.kubeconfigFor(token.trim());
  const adminConfig = configAt(plane.kubeconfig);
  return {
    plane,
    admin: connect(adminConfig),
    adminConfig,
    operatorKubeconfig: (port) => (port === undefined ? own : through(own, port)),
    stop: () => plane.stop(),
  };
}

export function configAt(path: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
}

function through(path: string, port: number): string {
  const text = readFileSync(path, 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
  const changed = `${path}-${port}`;
  writeFileSync(changed, text, { mode: 0o600 });
  return changed;
}
