// Which distribution writes the root config of an engine, if one does.
import { type ConfigOwner, configOwner } from '../distro/config-owner.ts';
import type { ObservedEngine } from './observe-engine.ts';

export function ownerOf({
  kind,
  configPath,
  config,
}: Pick<ObservedEngine, 'kind' | 'configPath' | 'config'>): ConfigOwner | undefined {
  if (kind !== 'containerd') return undefined;
  return configOwner(configPath, (config?.kind === 'Read' && config.tree.root?.text) || '');
}
