// Writes the second disk of a VM: a tar, which is a disk as good as any to who reads it from its start.

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { pack } from 'tar-stream';

import { layerHeader, planLayer, type ContentLayer } from '../image/layer-entries.ts';

export const writeSeedDisk = async (file: string, content: ContentLayer): Promise<void> => {
  const tar = pack();
  const written = pipeline(tar, createWriteStream(file, { mode: 0o600 }));
  for (const entry of planLayer(content)) {
    if (entry.kind === 'file' && 'text' in entry.content) tar.entry(layerHeader(entry), entry.content.text);
    else tar.entry(layerHeader(entry));
  }
  tar.finalize();
  await written;
};
