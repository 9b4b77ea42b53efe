// Brings up a cluster of node VMs that have the project's images, and its operator on it.

import { startOperator } from '../deploy/deploy-operator.ts';
import { buildImages } from '../images/build.ts';
import { vmClusterUp, type VmCluster, type VmClusterOptions } from './cluster-up.ts';

/**
 * Emulation is about ten times slower than the machine, and the machine may have other work: an operator that gets no
 * CPU for seconds must not lose its lease to nobody, again and again.
 */
const patience = { timeoutSeconds: 600, env: { BULKHEAD_LEASE_SECONDS: '120' } };

/** Does what is still to be done: all of it, or nothing. */
export const operatorOnVms = async (options: Omit<VmClusterOptions, 'tars'>): Promise<VmCluster> => {
  const images = await buildImages(options.say);
  const cluster = await vmClusterUp({ ...options, tars: images.tars });
  await startOperator(cluster.kubectl, images, options.say, patience);
  return cluster;
};
