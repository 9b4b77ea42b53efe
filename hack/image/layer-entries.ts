// Turns the description of a layer into its tar entries: sorted, every parent folder once, nothing of this machine. Pure.

export type LayerFile = {
  /** Absolute path in the image. */
  readonly to: string;
  /** 0755 for a file of this machine, 0644 for a text, if not given. */
  readonly mode?: number;
  /** Owner and group. */
  readonly uid?: number;
} & ({ readonly from: string } | { readonly text: string });

export interface ContentLayer {
  /** zstd: for one version of it the same bytes on every machine, while what Node's zlib makes may depend on the processor. */
  readonly compression?: 'zstd';
  readonly files?: readonly LayerFile[];
  readonly links?: readonly { readonly path: string; readonly target: string }[];
  readonly dirs?: readonly { readonly path: string; readonly mode?: number; readonly uid?: number }[];
}

export type LayerEntry = { readonly path: string; readonly mode: number; readonly uid: number } & (
  | { readonly kind: 'file'; readonly content: { readonly from: string } | { readonly text: string } }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'dir' }
);

const clean = (path: string): string => path.replace(/^\/+|\/+$/g, '');

const parents = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};

/** The entries of a layer in the order of their paths, folders before what is in them. */
export const planLayer = (layer: ContentLayer): readonly LayerEntry[] => {
  const named: LayerEntry[] = [
    ...(layer.dirs ?? []).map(({ path, mode = 0o755, uid = 0 }): LayerEntry => ({
      kind: 'dir',
      path: clean(path),
      mode,
      uid,
    })),
    ...(layer.links ?? []).map(({ path, target }): LayerEntry => ({
      kind: 'link',
      path: clean(path),
      target,
      mode: 0o777,
      uid: 0,
    })),
    ...(layer.files ?? []).map((file): LayerEntry => {
      const content = 'from' in file ? { from: file.from } : { text: file.text };
      const mode = file.mode ?? ('from' in file ? 0o755 : 0o644);
      return { kind: 'file', path: clean(file.to), content, mode, uid: file.uid ?? 0 };
    }),
  ];
  const byPath = new Map<string, LayerEntry>();
  for (const path of named.flatMap((entry) => parents(entry.path))) {
    byPath.set(path, { kind: 'dir', path, mode: 0o755, uid: 0 });
  }
  for (const entry of named) byPath.set(entry.path, entry);
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

/** The tar header of an entry, without its size. */
export const layerHeader = (entry: LayerEntry) => ({
  name: entry.kind === 'dir' ? `${entry.path}/` : entry.path,
  type:
    entry.kind === 'file' ? ('file' as const) : entry.kind === 'link' ? ('symlink' as const) : ('directory' as const),
  mode: entry.mode,
  uid: entry.uid,
  gid: entry.uid,
  mtime: new Date(0),
  ...(entry.kind === 'link' ? { linkname: entry.target } : {}),
});
