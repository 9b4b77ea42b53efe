// The operator's Deployment: unprivileged, nothing writable, on control planes too.
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IContainer } from 'kubernetes-models/v1/Container';
import { operatorHealthPort, operatorServiceAccount, operatorVariables } from '../crds/names.ts';
import { labels, operatorLabels } from './labels.ts';
import type { InstallValues } from './values.ts';

/** `nonroot` of distroless images, which security scanners know. */
const uid = 65532;

export function operatorDeployment(values: InstallValues): IDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: operatorServiceAccount, namespace: values.namespace, labels: { ...labels, ...operatorLabels } },
    spec: {
      replicas: values.replicas,
      selector: { matchLabels: operatorLabels },
      template: {
        metadata: { labels: { ...labels, ...operatorLabels } },
        spec: {
          serviceAccountName: operatorServiceAccount,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          priorityClassName: 'system-cluster-critical',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: uid,
            runAsGroup: uid,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [operatorContainer(values)],
        },
      },
    },
  };
}

const patient = { periodSeconds: 10, timeoutSeconds: 5 };

function operatorContainer(values: InstallValues): IContainer {
  return {
    name: 'operator',
    image: values.operatorImage,
    imagePullPolicy: 'IfNotPresent',
    env: environment(values),
    ports: [{ name: 'health', containerPort: operatorHealthPort }],
    // A node without a CPU to spare answers late, and a new start would cost it more: only who is stuck is ended.
    livenessProbe: { httpGet: { path: '/healthz', port: 'health' }, ...patient, failureThreshold: 12 },
    readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, ...patient, periodSeconds: 5 },
    resources: { requests: { cpu: '10m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function environment(values: InstallValues): NonNullable<IContainer['env']> {
  return [
    { name: operatorVariables.installerImage, value: values.installerImage },
    { name: operatorVariables.payloadRepository, value: values.payloadRepository },
    { name: operatorVariables.pauseImage, value: values.pauseImage },
    { name: operatorVariables.podName, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: operatorVariables.podNamespace, valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ...Object.entries(values.env ?? {}).map(([name, value]) => ({ name, value })),
  ];
}
