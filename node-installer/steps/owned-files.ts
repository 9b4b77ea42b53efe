// The files through which our handlers get into a root config that a distribution writes, as they are now.
import type { ConfigOwner, Template } from '../distro/config-owner.ts';
import type { ConfigTree } from '../engine/containerd/config-tree.ts';
import type { Host } from '../host/host.ts';
import { readText } from './read-files-now.ts';
import { parseRecord, recordPath, type RootRecord } from './root-record.ts';

/** Ours in a folder of drop-ins. *Shape*: absent text is an absent file. */
export type DropInFile = {
  readonly folder: string;
  readonly folderIsThere: boolean;
  readonly path: string;
  readonly text: string | undefined;
};
export type TemplateFile = Template & { readonly text: string | undefined; readonly changedMs: number };

export type OwnedFiles = {
  readonly tree: ConfigTree;
  /** The engine is a containerd 1.x. */
  readonly is1: boolean;
  /** One for each folder that the root may import. */
  readonly dropIns: readonly DropInFile[];
  /** Those that the distribution looks at, in its order. */
  readonly templates: readonly TemplateFile[];
  readonly record: RootRecord | undefined;
  readonly recordText: string | undefined;
};

export async function readOwnedFiles(
  host: Host,
  owner: ConfigOwner,
  { tree, is1 }: Pick<OwnedFiles, 'tree' | 'is1'>,
  runtime: string,
): Promise<OwnedFiles> {
  const record = await readText(host, recordPath);
  const templates = owner.templates.filter(({ schema }) => !is1 || schema < 3);
  return {
    tree,
    is1,
    dropIns: await Promise.all(owner.dropInFolders.map((folder) => readDropIn(host, folder, runtime))),
    templates: await readTemplates(host, templates),
    record: parseRecord(record),
    recordText: record,
  };
}

function readTemplates(host: Host, templates: readonly Template[]): Promise<TemplateFile[]> {
  return Promise.all(
    templates.map(async (template) => ({
      ...template,
      text: await readText(host, template.path),
      changedMs: (await host.stat(template.path))?.changedMs ?? 0,
    })),
  );
}

async function readDropIn(host: Host, folder: string, runtime: string): Promise<DropInFile> {
  const path = `${folder}/bulkhead-${runtime}.toml`;
  const folderIsThere = (await host.stat(folder)) !== undefined;
  return { folder, folderIsThere, path, text: await readText(host, path) };
}
