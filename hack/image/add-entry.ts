// Adds entries to a tar that is being packed; it decides nothing about them.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Pack } from 'tar-stream';
import type { layerHeader } from './layer-entries.ts';

export type Header = ReturnType<typeof layerHeader>;

/** Of a file that belongs to nobody and was never changed. */
export const archiveHeader = (name: string): Header => ({
  name,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: new Date(0),
});

export const addBytes = (tar: Pack, header: Header, bytes?: Buffer): Promise<void> =>
  new Promise((done, failed) => {
    const added = (error?: Error | null): void => (error ? failed(error) : done());
    if (bytes === undefined) tar.entry(header, added);
    else tar.entry({ ...header, size: bytes.length }, bytes, added);
  });

export const addFile = async (tar: Pack, header: Header, file: string): Promise<void> => {
  const { size } = await stat(file);
  await new Promise<void>((done, failed) => {
    const sink = tar.entry({ ...header, size }, (error) => (error ? failed(error) : done()));
    createReadStream(file).on('error', failed).pipe(sink);
  });
};
