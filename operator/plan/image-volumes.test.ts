// Claims about which nodes can mount an image as a volume.
import { describe, expect, it } from 'vitest';
import { refuseImageVolume } from './image-volumes.ts';
import { nodeOf } from './testing.ts';

describe('refuseImageVolume()', () => {
  it.each([
    ['v1.36.0', 'containerd://2.1.0'],
    ['v1.37.2+k3s1', 'containerd://v2.3.7-k3s1'],
    ['v1.36.3', 'cri-o://1.36.1'],
  ])('takes a node with kubelet %s and %s', (kubelet, engine) => {
    expect(refuseImageVolume(nodeOf('a', { kubelet, engine }), 'payload:1')).toBeUndefined();
  });

  it.each([
    ['v1.35.9', 'containerd://2.3.7', 'its kubelet is v1.35.9, and image volumes came with 1.36'],
    ['v1.36.3', 'containerd://2.0.14', 'its engine is containerd 2.0.14, and image volumes came with 2.1'],
    ['v1.36.3', 'docker://29.6.2', 'its engine, docker, has no image volumes'],
  ])('refuses one with kubelet %s and %s', (kubelet, engine, why) => {
    expect(refuseImageVolume(nodeOf('a', { kubelet, engine }), 'payload:1')).toMatchObject({
      kind: 'Refused',
      reason: 'ImageVolumesMissing',
      message: `Cannot mount the payload image payload:1 on the node: ${why}.`,
    });
  });
});
