// The refusal for a disk that is too full, with how much is missing.
import { hostPaths } from '../../crds/names.ts';
import { refuse, type Refusal } from './step.ts';

export function noDiskSpace(neededBytes: number, freeBytes: number): Refusal {
  const missingBytes = neededBytes - freeBytes;
  const message = `Cannot put the payload under ${hostPaths.prefix}: ${missingBytes} bytes are missing (${neededBytes} needed, ${freeBytes} free).`;
  return refuse('ineligible', 'NoDiskSpace', message, `Free disk space below ${hostPaths.prefix}.`);
}
