// The cluster itself, before anything of ours is in it: nodes, pod network and Services as other tests rely on them.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { kubectlOfRunning, type Kubectl } from '../../hack/cluster/kubectl.ts';
import { busyboxImage } from '../../hack/node-image/system-images.ts';

const namespace = 'cluster-test';
const cluster = inject('cluster');

interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

let kubectl: Kubectl;
let nodes: readonly Node[];
let workers: readonly string[];

/** A web server that answers with its own name. */
const webPod = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `web-${node}`, namespace, labels: { node } },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'web',
        image: busyboxImage,
        command: ['sh', '-c', 'mkdir /tmp/www && hostname > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www'],
        readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
      },
    ],
  },
});

const webService = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `web-${node}`, namespace },
  spec: { selector: { node }, ports: [{ port: 80, targetPort: 8080 }] },
});

const fetchFrom = async (node: string, url: string): Promise<string> =>
  (await kubectl(['-n', namespace, 'exec', `web-${node}`, '--', 'wget', '-q', '-O', '-', url])).trim();

const podIpOf = (node: string): Promise<string> =>
  kubectl(['-n', namespace, 'get', 'pod', `web-${node}`, '-o', 'jsonpath={.status.podIP}']);

beforeAll(async () => {
  kubectl = await kubectlOfRunning(cluster);
  nodes = (JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: Node[] }).items;
  workers = nodes
    .filter((node) => !('node-role.kubernetes.io/control-plane' in node.metadata.labels))
    .map((node) => node.metadata.name);
  await kubectl(['create', 'namespace', namespace]);
  await kubectl(['-n', namespace, 'wait', '--for=create', 'serviceaccount/default', '--timeout=30s']);
  const items = workers.flatMap((node) => [webPod(node), webService(node)]);
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl(['-n', namespace, 'wait', '--for=condition=Ready', 'pods', '--all', '--timeout=60s']);
});

afterAll(() => kubectl(['delete', 'namespace', namespace, '--wait=false']));

describe('the cluster', () => {
  it('has a control plane and two workers, all Ready', () => {
    const ready = nodes.filter((node) =>
      node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    expect(ready).toHaveLength(3);
    expect(workers).toHaveLength(2);
  });

  it('lets a pod on each worker reach the pod on the other', async () => {
    const [a = '', b = ''] = workers;
    expect(await fetchFrom(a, `http://${await podIpOf(b)}:8080/`)).toBe(`web-${b}`);
    expect(await fetchFrom(b, `http://${await podIpOf(a)}:8080/`)).toBe(`web-${a}`);
  });

  it('lets a pod on each worker reach a Service by its name', async () => {
    const [a = '', b = ''] = workers;
    expect(await fetchFrom(a, `http://web-${b}/`)).toBe(`web-${b}`);
    expect(await fetchFrom(b, `http://web-${a}.${namespace}.svc.cluster.local/`)).toBe(`web-${a}`);
  });
});
