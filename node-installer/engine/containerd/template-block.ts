// Our handlers as blocks in a template, and the root that a distribution renders from it then. It renders nothing itself.
import { blockBody, blockOwners, placeBlock, removeBlocks } from './managed-block.ts';

/** `tables` is TOML; a template at most expands what only strings in it can have. */
export function setTemplateBlock(template: string, runtime: string, tables: string): string {
  return placeBlock(template, `SandboxRuntime ${runtime}`, withoutActions(tables));
}

/** The root as it is rendered now, with the blocks that the template has then. */
export function predictRoot(root: string, template: string): string {
  return blockOwners(template).reduce(
    (text, owner) => placeBlock(text, owner, blockBody(template, owner) ?? ''),
    removeBlocks(root),
  );
}

/** Whether every block of the template is in the root as it is in the template, and no other. */
export function hasBlocksOf(root: string, template: string): boolean {
  const bodies = (text: string) => blockOwners(text).map((owner) => `${owner}\n${blockBody(text, owner)?.trim()}`);
  return bodies(root).toSorted().join('\n') === bodies(template).toSorted().join('\n');
}

/** `{{` begins an action in the templates of K3s, `${` a variable in that of MicroK8s. */
function withoutActions(tables: string): string {
  return tables.replaceAll('{{', String.raw`{\u007b`).replaceAll('${', String.raw`$\u007b`);
}
