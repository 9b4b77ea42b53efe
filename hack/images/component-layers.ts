// One image layer per component of a payload, so that images which share a component share its layer. Pure.
import { join } from 'node:path/posix';
import { containerPaths } from '../../crds/names.ts';
import type { ContentLayer } from '../image/layer-entries.ts';
import type { PresentComponent } from './split-by-component.ts';

/** @param folder where the files are on this machine */
export function componentLayers(
  components: readonly PresentComponent[],
  folder: string,
  compression: Pick<ContentLayer, 'compression'> = {},
): ContentLayer[] {
  return components.map(({ files, links }) => ({
    files: files.map(({ path, mode }) => ({
      from: join(folder, path),
      to: join(containerPaths.payload, path),
      mode,
    })),
    links: links.map(({ path, target }) => ({ path: join(containerPaths.payload, path), target })),
    ...compression,
  }));
}
