import { describe, expect, it } from 'vitest';
import { payloadImageFor, tagOf } from './image-tags.ts';

describe('tagOf()', () => {
  it.each([
    ['registry.example:5000/a/node-installer:0.1.0-1a2b', '0.1.0-1a2b'],
    [`node-installer:0.1.0@sha256:${'ab'.repeat(32)}`, '0.1.0'],
    [`node-installer@sha256:${'ab'.repeat(32)}`, undefined],
    ['registry.example:5000/node-installer', undefined],
    ['node-installer', undefined],
  ])('of %s', (reference, tag) => {
    expect(tagOf(reference)).toBe(tag);
  });
});

it('names the payload image of one installer', () => {
  const image = payloadImageFor('registry.example/payload-gvisor:20260905', 'registry.example/node-installer:0.1.0');
  expect(image).toBe('registry.example/payload-gvisor:20260905-0.1.0');
});
