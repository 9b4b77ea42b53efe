// Every runtime family the project knows; a spec names an entry, nothing else is installed.
import type { Family } from './family.ts';
import { gvisor } from './gvisor.ts';
import { kata } from './kata.ts';
import { krun } from './krun.ts';

export const catalogue: readonly Family[] = [gvisor, kata, krun];
