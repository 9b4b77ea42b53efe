// Asks the node's own containerd binary what it makes of a config file, without starting it.
import { parseToml, type Toml } from '../engine/toml.ts';
import type { Host } from '../host/host.ts';

export type Dump =
  | { readonly kind: 'Dumped'; readonly table: Toml }
  | { readonly kind: 'Refused'; readonly why: string };

/** `program` is the running engine's binary, as its process says. */
export async function dumpConfig(host: Host, program: string, configPath: string): Promise<Dump> {
  const { exitCode, stdout, stderr } = await host.run([program, '--config', configPath, 'config', 'dump']);
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
