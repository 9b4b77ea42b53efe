// The document that tells kind what cluster to make. Pure.

import { stringify } from 'yaml';

import type { Host } from '../build/host.ts';
import { etcdTag } from '../node-image/system-images.ts';
import type { NodeImage } from './provide-node-image.ts';

export const podSubnet = '10.244.0.0/16';

export const kindConfig = (name: string, workers: number, image: NodeImage, host: Host): string =>
  stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name,
    networking: {
      podSubnet,
      serviceSubnet: '10.96.0.0/16',
      ...(image.own ? { disableDefaultCNI: true, kubeProxyMode: 'nftables' } : {}),
    },
    kubeadmConfigPatches: [...(image.own ? [ownImages] : []), ...(host.cgroupV2 ? [] : [cgroupV1])].map((patch) =>
      stringify(patch),
    ),
    nodes: [{ role: 'control-plane' }, ...Array.from({ length: workers }, () => ({ role: 'worker' }))],
  });

const metadata = { name: 'config' };

const ownImages = { kind: 'ClusterConfiguration', metadata, etcd: { local: { imageTag: etcdTag } } };

const cgroupV1 = { kind: 'KubeletConfiguration', metadata, failCgroupV1: false, cgroupDriver: 'cgroupfs' };
