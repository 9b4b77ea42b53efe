// The note that the steps of one pod leave each other: how the last one ended, where the payload is, and whether anything may be written.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nodeSteps, outcomes } from '../crds/node-report.ts';

const note = z.object({
  step: z.enum(nodeSteps),
  outcome: z.enum(outcomes),
  reason: z.string().optional(),
  folder: z.string().optional(),
  adopted: z.literal(true).optional(),
});
export type OutcomeNote = z.infer<typeof note>;

const fileName = 'outcome';

/** `undefined` for the first step of a pod. */
export async function readOutcome(work: string): Promise<OutcomeNote | undefined> {
  try {
    return note.parse(JSON.parse(await readFile(join(work, fileName), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`Cannot read how the step before ended: ${join(work, fileName)} is not readable.`, {
      cause: error,
    });
  }
}

export async function writeOutcome(work: string, outcome: OutcomeNote): Promise<void> {
  await mkdir(work, { recursive: true });
  await writeFile(join(work, fileName), JSON.stringify(outcome));
}
