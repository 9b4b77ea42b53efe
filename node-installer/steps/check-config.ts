// Checks the containerd config that is on the node now, before anything of ours: a fault that is there already is not made ours.
import type { ConfigTree } from '../engine/containerd/config-tree.ts';
import { disabledCriPlugins, hiddenProblems } from '../engine/containerd/judge-config.ts';
import type { Toml } from '../engine/toml.ts';
import type { Host } from '../host/host.ts';
import { dumpConfig } from './dump-config.ts';
import { engineProgram } from './engine-program.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { refuse, type Refusal } from './step.ts';

export type CheckedConfig =
  | { readonly kind: 'Sound'; readonly tree: ConfigTree; readonly dump: Toml; readonly program: string }
  | { readonly kind: 'Unsound'; readonly refusal: Refusal };

const repair = 'Repair the file; the engine would not start with it. Bulkhead has changed nothing.';

/** `outcome` is what an unsound config means for the step that asks. */
export async function checkConfig(
  host: Host,
  { config, configPath, process }: ObservedEngine,
  outcome: 'ineligible' | 'failed',
): Promise<CheckedConfig> {
  const unsound = (reason: string, message: string, hint: string): CheckedConfig => ({
    kind: 'Unsound',
    refusal: refuse(outcome, reason, message, hint),
  });
  if (!config || config.kind === 'Unparsable') {
    const [path, why] = config ? [config.path, config.why] : [configPath, 'it was not read'];
    return unsound('ConfigBroken', `Cannot use the config of containerd: ${path} is not valid TOML (${why}).`, repair);
  }
  const program = await engineProgram(host, process);
  if (program === undefined) {
    const message = `Cannot find the binary of containerd: the link of process ${process.pid} is not readable.`;
    return unsound('EngineUnreadable', message, 'The installer needs the capability SYS_PTRACE.');
  }
  const dump = await dumpConfig(host, program, config.tree.root ? configPath : undefined);
  if (dump.kind === 'Refused') {
    return unsound('ConfigBroken', `Cannot use the config ${configPath}: containerd refuses it (${dump.why}).`, repair);
  }
  const [problem] = hiddenProblems(config.tree, dump.table);
  if (problem !== undefined) return unsound('ConfigBroken', `Cannot use the config ${configPath}: ${problem}.`, repair);
  const disabled = disabledCriPlugins(dump.table);
  if (disabled.length > 0) {
    const message = `Cannot use containerd for Kubernetes: its config ${configPath} disables the CRI (${disabled.join(', ')}).`;
    return unsound('CriDisabled', message, 'Take it out of disabled_plugins and restart containerd.');
  }
  return { kind: 'Sound', tree: config.tree, dump: dump.table, program };
}
