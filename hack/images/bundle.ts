// Bundles one entry point with everything it imports into one ESM text. Writes nothing.
import { isAbsolute, join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';

export type Bundle = {
  readonly text: string;
  /** Absolute paths of the files whose code is in the text. */
  readonly modules: readonly string[];
};

const root = join(import.meta.dirname, '../..');

/**
 * *Source*: Node 24 reads every export of a built-in module that an ES module imports, and by node:http's WebSocket loads
 * its whole client for fetch(), a quarter of the time in which a step starts; a module that is required is only handed out.
 */
const lazyHttp: Plugin = {
  name: 'lazy-http',
  resolveId: (source) => (/^(node:)?https?$/.test(source) ? `\0required:${source.replace('node:', '')}.cjs` : null),
  load: (id) => {
    const [, name] = /^\0required:(.*)\.cjs$/.exec(id) ?? [];
    return name === undefined ? null : `module.exports = process.getBuiltinModule('node:${name}');`;
  },
};

export async function bundle(entry: string): Promise<Bundle> {
  const build = await rolldown({
    input: join(root, entry),
    platform: 'node',
    cwd: root,
    plugins: [lazyHttp],
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  await build.close();
  const [chunk, ...more] = output;
  if (more.length > 0) throw new Error(`Cannot bundle ${entry}: it gave ${output.length} files, not one.`);
  return { text: chunk.code, modules: chunk.moduleIds.filter((id) => isAbsolute(id)) };
}
