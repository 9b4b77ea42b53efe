// Asks the node's own containerd binary what it makes of a config file, without starting it.
import { parseToml, type Toml } from '../engine/toml.ts';
import type { Host } from '../host/host.ts';

export type Dump =
  | { readonly kind: 'Dumped'; readonly table: Toml }
  | { readonly kind: 'Refused'; readonly why: string };

/**
 * `program` is the running engine's binary, as its process says. Without a file, it is what the engine has by default:
 * 1.x refuses to dump a file that is not there, though it starts without one.
 */
export async function dumpConfig(host: Host, program: string, configPath: string | undefined): Promise<Dump> {
  const words = configPath === undefined ? ['config', 'default'] : ['--config', configPath, 'config', 'dump'];
  const { exitCode, stdout, stderr } = await host.run([program, ...words]);
  if (exitCode !== 0) return { kind: 'Refused', why: lastLine(stderr) };
  try {
    return { kind: 'Dumped', table: parseToml(stdout) };
  } catch (error) {
    return { kind: 'Refused', why: `its config dump is not TOML (${lastLine(String(error))})` };
  }
}

/** What a program said last, without the name that it puts in front. */
export function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.replace(/^containerd: /, '') || 'it gave no reason';
}
