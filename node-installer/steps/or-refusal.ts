// Turns what a payload's streams throw into the refusal that the step reports.
import { WriteRefused } from '../host/host.ts';
import { UnfitPayload } from '../payload/unfit-payload.ts';
import { refuseWrite } from './no-disk-space.ts';
import { refuse, type Refusal } from './step.ts';

/** The node is not to blame for anything but these. */
const reasonsOfNode = ['WrongArchitecture', 'NoDiskSpace'];

/** *Errors*: throws what is neither of the payload nor of the system. */
export async function orRefusal<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WriteRefused) return refuseWrite(error);
    if (isOfSystem(error)) return refuse('failed', 'StagingFailed', `Cannot stage the payload: ${error.message}.`);
    if (!(error instanceof UnfitPayload)) throw error;
    const { reason, message, hint } = error;
    return refuse(reasonsOfNode.includes(reason) ? 'ineligible' : 'failed', reason, message, hint);
  }
}

/** Of the node's disk or of a program that was called. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
