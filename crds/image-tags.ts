// How our own images are tagged, as the build, the manifests and the operator agree upon.

/** `undefined` for a reference that has a digest alone, or neither. */
export function tagOf(reference: string): string | undefined {
  return /:(\w[\w.-]*)$/.exec(reference.split('@', 1)[0]!)?.[1];
}

/**
 * A payload image carries the installer, so it is tagged after both, e.g. `payload-gvisor:20260905-0.1.0`: a node that
 * has the image of an earlier release never takes it for this one.
 * @param payload repository, name and the payload's own version
 * @param installerImage with a tag
 */
export function payloadImageFor(payload: string, installerImage: string): string {
  return `${payload}-${tagOf(installerImage) ?? ''}`;
}
