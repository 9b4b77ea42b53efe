// Real-world roots, judged by the real binary of every 2.x line: our handler is in the merged config and nothing else differs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { containerdDriver } from '../../node-installer/steps/drivers/containerd.ts';
import { refuseAddition } from '../../node-installer/steps/refuse-addition.ts';
import { readConfigTree } from '../../node-installer/steps/read-config-tree.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { tinyTask } from './tiny-payload.ts';

const lines = ['2.0', '2.1', '2.2', '2.3', '2.4'] as const;
const folder = process.env['BULKHEAD_CORPUS'] ?? join(import.meta.dirname, '../../../shared/corpus/containerd');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.toml')) : [];
if (files.length === 0) console.info(`There is no corpus of real configs at ${folder}: its tests are skipped.`);

const payload = '/opt/bulkhead/tiny/1.0-0123456789ab';

/** Roots that are refused, and with what; all others take our handler. */
const refusals: readonly { readonly files: RegExp; readonly on?: RegExp; readonly says: RegExp }[] = [
  { files: /^03|^08/, says: /^CriDisabled: .* disables the CRI \(io\.containerd\.grpc\.v1\.cri/ },
  { files: /^04/, says: /^ConfigBroken: .*: its default runtime \$\{RUNTIME\} is not among its runtimes\.$/ },
  { files: /^07/, says: /^ConfigBroken: .*: it imports \/etc\/cri\/conf\.d\/cri\.toml, which is not there\.$/ },
  { files: /^34/, says: /^ConfigBroken: .*: it imports \/run\/k0s\/containerd-cri\.toml, which is not there\.$/ },
  { files: /^38|^39/, says: /^ConfigBroken: .* is not valid TOML/ },
  {
    files: /^25|^45/,
    on: /2\.[012]/,
    says: /^ConfigBroken: .*containerd refuses it .*expected containerd config version/,
  },
];

describe.runIf(files.length > 0).each(lines)('with containerd %s', (line) => {
  let node: ContainedNode;
  let exe: string;
  beforeAll(async () => {
    node = await containedNode(line, '');
    exe = join(await ensure(`containerd-${line}`, progress('build')), 'containerd');
  });
  afterAll(() => node.stop());

  async function outcomeFor(name: string): Promise<string> {
    const text = readFileSync(join(folder, name), 'utf8');
    node.write(configPath, text);
    const { host } = node;
    const process = { pid: 1, identity: '1', exe, argv: [exe], cgroups: [], nested: false, startedMs: 0 };
    const config = await readConfigTree(host, configPath);
    const answer = { kind: 'Silent', why: 'not asked' } as const;
    const engine = {
      kind: 'containerd',
      process,
      unit: '',
      restartsKubelet: false,
      reloads: false,
      socket: '',
      configPath,
      config,
      answer,
    } as const;
    const opened = await containerdDriver.open(host, engine, 'tiny', 'ineligible');
    if (opened.kind === 'Unsound') return `${opened.refusal.reason}: ${opened.refusal.message}`;
    const task = tinyTask();
    const unwanted = refuseAddition(opened.config, task, 'ineligible');
    if (unwanted) return `${unwanted.reason}: ${unwanted.message}`;
    const trial = await opened.tryCandidate({
      files: opened.config.planAddition(task, payload),
      handlers: ['tiny'],
      wanted: task.handlers,
      folder: payload,
    });
    expect(node.read(configPath)).toBe(text);
    expect(node.read('/var/lib/bulkhead')).toBeUndefined();
    if (trial.kind === 'Rejected') return `${trial.refusal.reason}: ${trial.refusal.message}`;
    return 'joined';
  }

  it.each(files)('takes %s, or says why not', async (name) => {
    const refusal = refusals.find((entry) => entry.files.test(name) && (entry.on?.test(line) ?? true));
    expect(await outcomeFor(name)).toMatch(refusal?.says ?? /^joined$/);
  });
});
