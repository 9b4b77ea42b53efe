// Proves that a wrong import across layers fails the lint, and that the right ones pass. It lints a copy, never the tree.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repo = resolve(import.meta.dirname, '../..');

const forbidden: readonly [file: string, specifier: string][] = [
  ['crds/probe.ts', 'pino'],
  ['crds/probe.ts', 'node:fs'],
  ['crds/probe.ts', '../runtime/catalogue.ts'],
  ['crds/nested/probe.ts', '../../operator/main.ts'],
  ['crds/probe.test.ts', '../operator/main.ts'],
  ['runtime/probe.ts', 'node:path'],
  ['runtime/probe.ts', 'zod'],
  ['runtime/probe.ts', '../node-installer/main.ts'],
  ['operator/probe.ts', '../node-installer/main.ts'],
  ['operator/probe.ts', '../test/fakes/clock.ts'],
  ['operator/reconcile/probe.ts', '../../charts/main.ts'],
  ['operator/plan/probe.ts', '@kubernetes/client-node'],
  ['operator/plan/probe.ts', 'kubernetes-models/v1/Pod'],
  ['operator/plan/probe.ts', 'node:crypto'],
  ['operator/plan/probe.ts', 'pino'],
  ['operator/plan/probe.ts', '../kube/client.ts'],
  ['operator/plan/probe.ts', '../../operator/kube/client.ts'],
  ['operator/plan/probe.ts', '../log.ts'],
  ['operator/plan/nested/probe.ts', '../../reconcile/node.ts'],
  ['operator/plan/nested/deeper/probe.ts', '../../../kube/client.ts'],
  ['operator/plan/probe.test.ts', '../kube/client.ts'],
  ['operator/render/probe.ts', 'node:fs'],
  ['operator/render/probe.ts', '../reconcile/node.ts'],
  ['operator/kube/probe.ts', '../plan/rollout.ts'],
  ['operator/kube/probe.ts', '../render/daemon-set.ts'],
  ['operator/kube/probe.ts', '../reconcile/node.ts'],
  ['node-installer/probe.ts', '../operator/main.ts'],
  ['node-installer/probe.ts', '../hack/check.ts'],
  ['node-installer/engine/probe.ts', 'node:path'],
  ['node-installer/engine/containerd/probe.ts', '../../host/host.ts'],
  ['node-installer/engine/containerd/probe.ts', 'yaml'],
  ['node-installer/distro/probe.ts', '../host/host.ts'],
  ['node-installer/distro/probe.ts', 'node:fs'],
  ['node-installer/steps/probe.ts', '../host/real-host.ts'],
  ['node-installer/steps/probe.ts', 'node:fs'],
  ['node-installer/steps/probe.ts', '../../operator/main.ts'],
  ['charts/probe.ts', '../operator/main.ts'],
  ['charts/probe.ts', '../node-installer/main.ts'],
];

const allowed: readonly [file: string, specifier: string][] = [
  ['crds/probe.ts', 'zod'],
  ['crds/probe.ts', './names.ts'],
  ['crds/nested/probe.ts', '../names.ts'],
  ['crds/probe.test.ts', 'vitest'],
  ['crds/probe.test.ts', 'node:fs'],
  ['runtime/probe.ts', '../crds/names.ts'],
  ['operator/probe.ts', './plan/rollout.ts'],
  ['operator/reconcile/probe.ts', '../kube/client.ts'],
  ['operator/plan/probe.ts', '../../crds/names.ts'],
  ['operator/plan/nested/probe.ts', '../../../runtime/catalogue.ts'],
  ['operator/plan/probe.test.ts', 'fast-check'],
  ['operator/render/probe.ts', '../plan/rollout.ts'],
  ['operator/kube/probe.ts', '@kubernetes/client-node'],
  ['node-installer/engine/containerd/probe.ts', 'smol-toml'],
  ['node-installer/engine/containerd/probe.ts', '../engine.ts'],
  ['node-installer/steps/probe.ts', '../host/host.ts'],
  ['node-installer/steps/probe.ts', '../engine/containerd/patch.ts'],
  ['charts/probe.ts', 'cdk8s'],
];

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'bulkhead-layers-'));
  symlinkSync(join(repo, 'node_modules'), join(copy, 'node_modules'));
  for (const file of ['oxlint.config.ts', 'package.json', 'hack/layers.ts', 'hack/layer-rules.ts']) {
    cpSync(join(repo, file), join(copy, file), { recursive: true });
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('what may import what', () => {
  it('refuses each import that crosses layers the wrong way, and says what the layer may import', () => {
    const messages = lint(forbidden);
    const helpFor = (file: string, specifier: string) =>
      messages.find((message) => message.file === file && message.text.includes(`'${specifier}'`))?.help;
    const silent = forbidden.filter(
      ([file, specifier]) => !/^[\w/.-]+ may import .+See hack\/layers\.ts\.$/.test(helpFor(file, specifier) ?? ''),
    );
    expect(silent).toEqual([]);
  });

  it('refuses a re-export and a dynamic import like an import', () => {
    write('crds/probe.ts', "export { x } from '../operator/main.ts';\nexport const y = import('node:fs');\n");
    expect(runOxlint().map(({ text }) => text.split("'")[1])).toEqual(['../operator/main.ts', 'node:fs']);
  });

  it('lets the imports of the design pass', () => {
    expect(lint(allowed)).toEqual([]);
  });

  it('lets pure layers import types of kubernetes-models', () => {
    write('operator/plan/probe.ts', "export type { Pod } from 'kubernetes-models/v1/Pod';\n");
    expect(runOxlint()).toEqual([]);
  });
});

interface Message {
  readonly file: string;
  readonly text: string;
  readonly help: string | undefined;
}

function lint(imports: readonly [file: string, specifier: string][]): Message[] {
  const byFile = Map.groupBy(imports, ([file]) => file);
  for (const [file, lines] of byFile) {
    write(file, lines.map(([, specifier], i) => `import { x as x${i} } from '${specifier}';\n`).join(''));
  }
  return runOxlint();
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

/** Lints the copy and empties it of sources. */
function runOxlint(): Message[] {
  const sources = ['crds', 'runtime', 'operator', 'node-installer', 'charts'];
  const oxlint = join(copy, 'node_modules/.bin/oxlint');
  const only = ['-A', 'all', '-D', 'no-restricted-imports'];
  const { stdout, stderr } = spawnSync(oxlint, [...only, '--format', 'json', '.'], { cwd: copy, encoding: 'utf8' });
  for (const folder of sources) rmSync(join(copy, folder), { recursive: true, force: true });
  if (!stdout.startsWith('{')) throw new Error(`Cannot lint the copy: ${stdout}${stderr}`);
  const report = JSON.parse(stdout) as { diagnostics: { filename: string; message: string; help?: string }[] };
  return report.diagnostics.map(({ filename, message, help }) => ({ file: filename, text: message, help }));
}
