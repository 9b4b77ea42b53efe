import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeTask } from '../../crds/node-task.ts';
import type { InvalidSpec } from '../plan/invalid-spec.ts';
import { resolve } from '../plan/resolve.ts';
import { runtimeOf } from '../plan/testing.ts';
import { removeTask } from './remove-task.ts';
import { catalogue } from '../../runtime/catalogue.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const surroundings = { catalogue, images: { installerImage: 'i', payloadRepository: 'r' }, hash };
const taskFor = (spec: object, installerImage = 'i') => {
  const runtime = runtimeOf('gvisor', { family: 'gvisor', ...spec });
  return removeTask(runtime, resolve('gvisor', runtime.parsed, surroundings), installerImage, hash);
};
const invalid: InvalidSpec = { kind: 'InvalidSpec', reason: 'X', message: '', hint: '' };

describe('removeTask()', () => {
  it('takes off what the spec names, with its force', () => {
    expect(taskFor({ removal: { policy: 'Force' } })).toMatchObject({ runtime: 'gvisor', force: true });
    expect(taskFor({}).handlers.map(({ name }) => name)).toEqual(['gvisor']);
  });

  it('is another revision by force, and the same whatever else changes in the spec', () => {
    const revision = (spec: object) => taskFor(spec).revision;
    expect(revision({ removal: { policy: 'Force' } })).not.toBe(revision({}));
    expect(revision({ handlers: [{ name: 'x' }] })).toBe(revision({}));
  });

  it('is a valid task even when the spec means nothing any more', () => {
    const runtime = runtimeOf('gvisor', { family: 'gone', handlers: [{ name: 'h' }] });
    const task = removeTask(runtime, invalid, 'i', hash);
    expect(nodeTask.parse(task).handlers.map(({ name }) => name)).toEqual(['h']);
  });
});
