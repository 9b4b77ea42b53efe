// The task that the operator makes of a SandboxRuntime for Kata, but for what it needs of a node: a machine of tests is none of Kata's.
import { createHash } from 'node:crypto';
import { type NodeTask, nodeTask } from '../../crds/node-task.ts';
import { sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import { resolve } from '../../operator/plan/resolve.ts';
import { catalogue } from '../../runtime/catalogue.ts';

export const kataVersion = '4.2.0';

export function kataTask(spec: object): NodeTask {
  const parsed = sandboxRuntimeSpec.parse({ family: 'kata', version: kataVersion, ...spec });
  const images = { installerImage: 'installer', payloadRepository: 'repository' };
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const resolved = resolve('kata', { kind: 'Spec', spec: parsed }, { catalogue, images, hash });
  if (resolved.kind === 'InvalidSpec') throw new Error(resolved.message);
  return nodeTask.parse({ ...resolved.task, needs: { virtualization: 'Ignored' } });
}
