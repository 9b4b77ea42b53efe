// Puts the project's images and its operator onto a cluster of node VMs.

import { basename } from 'node:path';

import { startOperator } from '../deploy/deploy-operator.ts';
import { buildImages, type BuiltImages } from '../images/build.ts';
import { timed, type Say } from '../progress.ts';
import type { VmCluster } from './cluster-up.ts';

/**
 * Emulation is about ten times slower than the machine, and the machine may have other work: an operator that gets no
 * CPU for seconds must not lose its lease to nobody, again and again.
 */
const patience = { timeoutSeconds: 600, env: ['BULKHEAD_LEASE_SECONDS=120'] };

export const deployOnVms = async ({ kubectl, vms }: VmCluster, say: Say): Promise<BuiltImages> => {
  const images = await buildImages(say);
  for (const vm of vms) {
    for (const tar of images.tars) {
      await timed(say, `${vm.name}: loading ${basename(tar)}`, () => vm.loadImages(tar));
    }
  }
  await startOperator(kubectl, images, say, patience);
  return images;
};
