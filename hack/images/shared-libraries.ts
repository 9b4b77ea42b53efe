// Reads what a program needs at run time out of ldd's answer. Pure.

export type SharedLibraries = {
  /** Path of the dynamic loader, which is fixed in the program. */
  readonly loader: string;
  /** File names, found by the loader wherever it looks. */
  readonly names: readonly string[];
};

/** *Shape*: lines `name => path (address)`, and one `path (address)` for the loader. */
export function parseLdd(output: string): SharedLibraries {
  const names = [...output.matchAll(/^\s*(\S+) => /gm)].map(([, name]) => name!);
  const loader = /^\s*(\/\S+) \(0x/m.exec(output)?.[1];
  if (!loader) throw new Error(`Cannot tell what the program needs: ldd names no loader but says "${output.trim()}".`);
  return { loader, names };
}
