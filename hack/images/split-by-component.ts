// Which file of a payload belongs to which component. Pure.
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Component } from '../../runtime/family.ts';

/** A component with those of its files that are in the payload. */
export type PresentComponent = { readonly component: Component } & Pick<PayloadManifest, 'files' | 'links'>;

/** *Guarantees*: every file and link is in exactly one; what the catalogue does not know is in the last, `rest`. */
export function splitByComponent(
  { files, links }: PayloadManifest,
  components: readonly Component[],
  rest: string,
): PresentComponent[] {
  const all = [...components, { name: rest, paths: [/^/] }];
  const ownerOf = (path: string) => all.find(({ paths }) => paths.some((pattern) => pattern.test(path)));
  return all
    .map((component) => ({
      component,
      files: files.filter(({ path }) => ownerOf(path) === component),
      links: links.filter(({ path }) => ownerOf(path) === component),
    }))
    .filter((present) => present.files.length + present.links.length > 0);
}
