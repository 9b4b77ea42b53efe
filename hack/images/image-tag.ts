// Decides the tag of the project's own images. Pure.
import { createHash } from 'node:crypto';

/**
 * `<version>-<hash8>` of everything that decides the images' content: changed code never hides behind a tag that a
 * node has already. A release is tagged with its version alone.
 */
export function imageTag(version: string, content: unknown, { release = false } = {}): string {
  return release ? version : `${version}-${contentHash(content)}`;
}

/** *Shape*: eight hex digits. */
export function contentHash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8);
}
