// The table of pins: exact versions only.

import { describe, expect, it } from 'vitest';

import { pins, type Pin } from './pins.ts';

describe('pins', () => {
  it.each(Object.entries<Pin>(pins).filter(([, pin]) => pin.source === 'go proxy'))(
    '%s is an exact version',
    (_, pin) => {
      expect(pin.version).toMatch(/^v?\d+\.\d+\.\d+(-\d{14}-[0-9a-f]{12})?$/);
    },
  );

  it('names the published node image by digest', () => {
    expect(pins.kindNode.version).toMatch(/^kindest\/node:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
  });

  it('takes the staging modules of the pinned Kubernetes', () => {
    expect(pins.kubernetesStaging.version).toBe(pins.kubernetes.version.replace('v1.', 'v0.'));
  });
});
