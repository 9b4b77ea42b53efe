// Labels of everything that an installation consists of; what the operator makes later has labels of its own.

export const labels = {
  'app.kubernetes.io/name': 'bulkhead',
  'app.kubernetes.io/part-of': 'bulkhead',
} as const;

/** Also the Deployment's selector: the operator's pods and none that it makes. */
export const operatorLabels = {
  'app.kubernetes.io/name': 'bulkhead',
  'app.kubernetes.io/component': 'operator',
} as const;
