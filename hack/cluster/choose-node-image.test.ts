// Which node image a cluster is made from.

import { describe, expect, it } from 'vitest';

import { pins } from '../pins.ts';
import { chooseNodeImage, type NodeImageChoice } from './choose-node-image.ts';

const full = { sysResource: true, cgroupV2: true };
const nothing = { ownThere: false, publishedThere: false };
const published = pins.kindNode.version;

describe('chooseNodeImage()', () => {
  it.each<
    [string, string, Parameters<typeof chooseNodeImage>[1], Parameters<typeof chooseNodeImage>[2], NodeImageChoice]
  >([
    [
      'builds when told to, whatever is there',
      'build',
      { ownThere: false, publishedThere: true },
      full,
      { kind: 'Own' },
    ],
    ['takes a reference as it is', 'my/node:1', nothing, full, { kind: 'Reference', reference: 'my/node:1' }],
    ['takes our own when it was built before', 'auto', { ownThere: true, publishedThere: true }, full, { kind: 'Own' }],
    [
      'takes the published one that is there',
      'auto',
      { ownThere: false, publishedThere: true },
      full,
      { kind: 'Reference', reference: published },
    ],
    ['tries to pull when nothing is there', 'auto', nothing, full, { kind: 'Pull', reference: published }],
    [
      'builds on cgroup v1',
      'auto',
      { ownThere: false, publishedThere: true },
      { ...full, cgroupV2: false },
      { kind: 'Own' },
    ],
    ['builds without CAP_SYS_RESOURCE', 'auto', nothing, { ...full, sysResource: false }, { kind: 'Own' }],
  ])('%s', (_, wish, there, host, expected) => {
    expect(chooseNodeImage(wish, there, host)).toEqual(expected);
  });
});
