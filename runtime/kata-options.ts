// What an admin may set in a Kata config: which settings each shim reads, and how its switches are called.
// *Source*: kata-containers 4.1.0, kata-deploy's artifacts/install.rs (debug, kernel parameters, annotations, guest pull).
import type { ConfigOptions } from './family.ts';
import { type ConfigTable, isKataKey, type KataShim, renamedInRust } from './kata-keys.ts';

const shimTitle = { rust: 'Rust', go: 'Go' } as const;

/** @param hypervisor name of the table below `hypervisor` */
export function kataOptions(hypervisor: string, shim: KataShim): ConfigOptions {
  const own = ['hypervisor', hypervisor];
  return {
    objection: (setting) => objection(setting, hypervisor, shim),
    debug: `[hypervisor.${hypervisor}]
enable_debug = true

[runtime]
enable_debug = true

[agent.kata]
enable_debug = true
debug_console_enabled = true
`,
    allowAnnotations: (values) => ({ at: [...own, 'enable_annotations'], kind: 'list', values: [...values] }),
    kernelParameters: (values) => ({ at: [...own, 'kernel_params'], kind: 'words', values: [...values] }),
    guestPull:
      shim === 'go'
        ? { text: '[runtime]\nexperimental_force_guest_pull = true\n' }
        : { at: ['runtime', 'experimental'], kind: 'list', values: ['force_guest_pull'] },
  };
}

function objection(setting: readonly string[], hypervisor: string, shim: KataShim): string | undefined {
  const [table = '', name = '', key = ''] = setting;
  if (table === 'hypervisor' && name !== hypervisor) return `this handler reads the table hypervisor.${hypervisor}`;
  if (table === 'agent' && name !== 'kata') return 'this handler reads the table agent.kata';
  if (!isTable(table)) return 'there are the tables hypervisor, agent, runtime and factory';
  const own = table === 'hypervisor' || table === 'agent' ? key : name;
  // A table alone sets nothing.
  if (own === '' || isKataKey(shim, table, own)) return undefined;
  const other = shim === 'rust' ? 'go' : 'rust';
  if (!isKataKey(other, table, own)) return 'neither of Kata’s shims reads it';
  const instead = insteadOf(`${table}.${own}`, shim);
  return `only the ${shimTitle[other]} shim reads it${instead === undefined ? '' : `, this one ${instead}`}`;
}

function insteadOf(key: string, shim: KataShim): string | undefined {
  if (shim === 'rust') return renamedInRust.get(key);
  return [...renamedInRust].find(([, inRust]) => inRust === key)?.[0];
}

function isTable(name: string): name is ConfigTable {
  return ['hypervisor', 'agent', 'runtime', 'factory'].includes(name);
}
