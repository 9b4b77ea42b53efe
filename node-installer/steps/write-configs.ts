// Writes the runtimes' configs as they read where the payload is to lie, each with what is added to it.
import { type NodeTask, overridesOf } from '../../crds/node-task.ts';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import { kubeletRoot } from '../engine/find-engine.ts';
import type { Host } from '../host/host.ts';
import { once } from '../payload/chunks.ts';
import { hashing } from '../payload/hash.ts';
import type { Listed } from '../payload/list-layers.ts';
import { additionsText, kubeletRootText, relocateConfig } from '../payload/runtime-config.ts';
import type { Filling } from './fill-folder.ts';
import { writeFile } from './place-folder.ts';

const configMode = 0o644;
const kubeletRootName = '22-kubelet-root.toml';
/** After what the family itself lays over, and before what the admin does. */
const additionsName = '30-additions.toml';

export async function writeConfigs(
  host: Host,
  { handlers, payloadRoot }: NodeTask,
  texts: Listed['texts'],
  { temporary, folder }: Filling,
): Promise<PayloadManifest['files']> {
  const configs = handlers.flatMap(({ config }) => {
    const text = config && texts.get(config.from);
    return config && text !== undefined ? [{ ...config, text }] : [];
  });
  if (configs.length === 0) return [];
  const root = kubeletRoot(await host.processes());
  const files = configs.flatMap(({ from, to, text, additions = [] }) => {
    const beside = (name: string) => `${overridesOf(to)}/${name}`;
    const rooted = root === undefined ? undefined : kubeletRootText(from, text, root);
    const local = payloadRoot === undefined ? text : relocateConfig(text, payloadRoot, folder);
    return [
      [to, local] as const,
      ...(rooted === undefined ? [] : [[beside(kubeletRootName), rooted] as const]),
      ...(additions.length > 0 ? [[beside(additionsName), additionsText(from, text, additions)] as const] : []),
    ];
  });
  const written: PayloadManifest['files'] = [];
  for (const [path, text] of files) {
    const stream = hashing(once(new TextEncoder().encode(text)));
    await writeFile(host, `${temporary}/${path}`, stream.chunks, configMode);
    written.push({ path, mode: configMode, ...stream.passed() });
  }
  return written;
}
