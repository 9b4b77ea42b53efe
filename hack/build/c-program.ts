// Builds one small static C program of this repository.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../run.ts';
import { ensureCommands, ensurePackages } from './debian-packages.ts';
import type { Recipe } from './recipe.ts';

export const cProgram = (name: string, version: string, source: string): Recipe => {
  const flags = ['-Os', '-static', '-s', '-Wall', '-Werror'];
  return {
    version,
    what: '1 program',
    needs: [],
    inputs: { flags, source: readFileSync(source, 'utf8') },
    build: async ({ into, logFile, say }) => {
      await ensureCommands({ gcc: 'gcc' }, say);
      await ensurePackages(['libc6-dev'], say);
      await run(['gcc', ...flags, '-o', join(into, name), source], { logFile });
    },
  };
};
