// Bundles one entry point with everything it imports into one ESM text. Writes nothing.
import { isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';

export type Bundle = {
  readonly text: string;
  /** Absolute paths of the files whose code is in the text. */
  readonly modules: readonly string[];
};

const root = join(import.meta.dirname, '../..');

export async function bundle(entry: string): Promise<Bundle> {
  const build = await rolldown({ input: join(root, entry), platform: 'node', cwd: root, logLevel: 'silent' });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  await build.close();
  const [chunk, ...more] = output;
  if (more.length > 0) throw new Error(`Cannot bundle ${entry}: it gave ${output.length} files, not one.`);
  return { text: chunk.code, modules: chunk.moduleIds.filter((id) => isAbsolute(id)) };
}
