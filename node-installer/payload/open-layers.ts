// The sources of a task as layers, those for other architectures left out.
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { archiveLayer } from './archive-layer.ts';
import type { Tell } from './download.ts';
import { runtimeFolder } from './folder.ts';
import { hostLayer } from './host-layer.ts';
import { imageLayer } from './image-layer.ts';
import type { Layer } from './layer.ts';
import type { PayloadSource } from './source.ts';
import { UnfitPayload } from './unfit-payload.ts';

/** *Errors*: throws when nothing is for this architecture, and for a source that cannot be opened. */
export async function openLayers(host: Host, task: NodeTask, payload: PayloadSource, tell: Tell): Promise<Layer[]> {
  const sources = task.sources.filter((source) => source.kind === 'image' || (source.arch ?? host.arch) === host.arch);
  if (sources.length === 0) {
    const message = `Cannot stage ${task.family} on an ${host.arch} node: no source of the payload is for it.`;
    throw new UnfitPayload(
      'WrongArchitecture',
      message,
      'Name one in spec.payload.sources, or keep the node out by spec.nodes.selector.',
    );
  }
  const layers: Layer[] = [];
  for (const source of sources) {
    if (source.kind === 'image') layers.push(await imageLayer(payload));
    else if (source.kind === 'hostPath') layers.push(await hostLayer(host, source.path));
    else layers.push(archiveLayer(host, source, runtimeFolder(task.runtime), task.payloadRoot, tell));
  }
  return layers;
}
