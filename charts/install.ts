// Everything that an installation consists of, as cdk8s constructs; writes nothing.
import type { TypeMeta } from '@kubernetes-models/base';
import { ApiObject, App, Chart, Yaml } from 'cdk8s';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import { customResourceDefinitions } from '../crds/custom-resource-definitions.ts';
import { operatorAccess, serviceAccounts } from './access.ts';
import { labels } from './labels.ts';
import { operatorDeployment } from './operator-deployment.ts';
import type { InstallValues } from './values.ts';

export interface Manifest extends TypeMeta {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** All objects as one YAML text for `kubectl apply --server-side`. */
export function installYaml(values: InstallValues): string {
  return Yaml.stringify(...installObjects(values));
}

/** The objects in the order in which they can be applied. */
export function installObjects(values: InstallValues): Manifest[] {
  const chart = new Chart(new App(), 'bulkhead');
  const objects = manifests(values).map((object) => new ApiObject(chart, idOf(object), object));
  return objects.map((object) => object.toJson() as Manifest);
}

function manifests(values: InstallValues): Manifest[] {
  return [
    namespace(values.namespace),
    ...customResourceDefinitions,
    ...serviceAccounts(values.namespace),
    ...operatorAccess(values.namespace),
    operatorDeployment(values),
  ];
}

const idOf = ({ kind, metadata }: Manifest): string => `${kind}-${metadata?.name}`;

function namespace(name: string): INamespace {
  const levels = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'privileged']);
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, ...Object.fromEntries(levels) } },
  };
}
