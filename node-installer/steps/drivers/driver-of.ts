// The engines that can be given handlers.
import type { EngineFacts } from '../../../crds/node-facts.ts';
import { containerdDriver } from './containerd.ts';
import { crioDriver } from './crio.ts';
import { dockerDriver } from './docker.ts';
import type { EngineDriver } from './driver.ts';

export const drivers: readonly EngineDriver[] = [containerdDriver, crioDriver, dockerDriver];

export function driverOf(kind: EngineFacts['kind']): EngineDriver | undefined {
  return drivers.find((driver) => driver.kind === kind);
}
