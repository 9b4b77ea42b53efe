// Root files as they are in the field, made ready for a node of the tests: those that containerd itself writes, and the corpus
// of real configs where it is there. Its contents stay outside the project.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { run } from '../../hack/run.ts';
import { containerdLines } from '../containerd/start-containerd.ts';

export interface RootFile {
  /** What a file's name begins with in the corpus, such as `01`. */
  readonly name: string;
  readonly text: string;
  /** Files that the config needs beside it, by path. */
  readonly companions: Readonly<Record<string, string>>;
}

const folder = process.env['BULKHEAD_CORPUS'] ?? join(import.meta.dirname, '../../../shared/corpus/containerd');

/** What each line writes when it is asked for a config. Nodes keep such a file when their containerd is upgraded. */
export function defaultRoots(): Promise<RootFile[]> {
  return Promise.all(
    containerdLines.map(async (line) => {
      const program = join(await ensure(`containerd-${line}`, progress('build')), 'containerd');
      return { name: `default ${line}`, text: await run([program, 'config', 'default']), companions: {} };
    }),
  );
}

/** Empty where there is no corpus, and that is said. */
export function readCorpus(): RootFile[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.toml')) : [];
  if (names.length === 0) console.info(`There is no corpus of real configs at ${folder}: its tests are skipped.`);
  const texts = new Map(names.map((name) => [name.slice(0, 2), contained(readFileSync(join(folder, name), 'utf8'))]));
  return [...texts].map(([number, text]) => ({
    name: number,
    text,
    companions: companionsOf(number, text, texts),
  }));
}

/** Many nodes of the tests share one machine's ports and folders, /opt and a few others apart, and it has no mkfs.erofs. */
function contained(text: string): string {
  return text
    .replace(/^(\s*stream_server_port = )"\d+"/m, '$1"0"')
    .replace(/^(\s*address = )"[\d.]+:\d+"/m, '$1"127.0.0.1:0"')
    .replaceAll(/(["'])(?=\/(data|home)\/)/g, '$1/opt')
    .replace(/"erofs", ?(?="walking")/, '');
}

function companionsOf(number: string, text: string, texts: ReadonlyMap<string, string>): Record<string, string> {
  const beside = imported(number, texts);
  const all = [text, ...Object.values(beside)].join('\n');
  const specs = [...all.matchAll(/base_runtime_spec = ["'](\/[^"']+)["']/g)].map(([, path = '']) => path);
  return { ...beside, ...Object.fromEntries(specs.map((path) => [path, '{"ociVersion":"1.1.0"}\n'])) };
}

/** What a vendor's root imports by name, and would not start without. */
function imported(number: string, texts: ReadonlyMap<string, string>): Record<string, string> {
  const crun =
    'version = 3\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.crun]\nruntime_type = "io.containerd.runc.v2"\n';
  if (number === '07') return { '/etc/cri/conf.d/cri.toml': texts.get('09') ?? crun };
  return number === '34' ? { '/run/k0s/containerd-cri.toml': crun } : {};
}
