// Brings up a cluster of node VMs that have the project's images, and its operator on it.

import { startOperator } from '../deploy/deploy-operator.ts';
import { buildImages, type PayloadFamily } from '../images/build.ts';
import { vmClusterUp, type VmCluster, type VmClusterOptions } from './cluster-up.ts';

/**
 * Emulation is about ten times slower than the machine, and the machine may have other work: an operator that gets no
 * CPU for seconds must not lose its lease to nobody, again and again.
 */
const patience = { timeoutSeconds: 600, env: { BULKHEAD_LEASE_SECONDS: '120' } };

export interface OperatorOnVms extends Omit<VmClusterOptions, 'tars'> {
  /** Whose payload images the nodes have. Default: every family's. */
  readonly families?: readonly PayloadFamily[];
}

/** Does what is still to be done: all of it, or nothing. */
export const operatorOnVms = async ({ families, ...options }: OperatorOnVms): Promise<VmCluster> => {
  const images = await buildImages(options.say, families && { families });
  const cluster = await vmClusterUp({ ...options, tars: images.tars });
  await startOperator(cluster.kubectl, images, options.say, patience);
  return cluster;
};
