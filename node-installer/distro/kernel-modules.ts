// Tells from a kernel's own lists how it has a module; loads nothing.

/**
 * - `Untold`: the kernel takes no modules at all, and what is built into it cannot be listed; its devices tell.
 */
export type ModuleState = 'Loaded' | 'BuiltIn' | 'Loadable' | 'Absent' | 'Untold';

export type ModuleTraces = {
  /** `/proc/modules`; absent for a kernel that takes no modules. */
  readonly loaded: string | undefined;
  /** Names in `/sys/module`: what is loaded, and what is built in and has parameters. */
  readonly inSysfs: readonly string[];
  /** `/lib/modules/<release>/modules.builtin`. */
  readonly builtIn: string;
  /** `/lib/modules/<release>/modules.dep`. */
  readonly loadable: string;
};

/** *Source*: modprobe(8): `-` and `_` are the same in the name of a module; its file may be compressed. */
export function moduleState(name: string, { loaded, inSysfs, builtIn, loadable }: ModuleTraces): ModuleState {
  const file = new RegExp(`^([^:]*/)?${name.replaceAll('_', '[-_]')}\\.ko(\\.\\w+)?(:|$)`, 'm');
  if (loaded !== undefined && new RegExp(`^${name} `, 'm').test(loaded)) return 'Loaded';
  if (inSysfs.includes(name) || file.test(builtIn)) return 'BuiltIn';
  if (loaded === undefined) return 'Untold';
  return file.test(loadable) ? 'Loadable' : 'Absent';
}
