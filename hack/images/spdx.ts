// Writes a software bill of materials (SPDX 2.3 JSON) from what went into an image. Pure: same parts, same bytes.
import { createHash } from 'node:crypto';

/** Something in an image that somebody else made. */
export type Part = {
  readonly name: string;
  readonly version: string;
  /** Package URL, e.g. `pkg:npm/zod@4.6.7`. */
  readonly purl: string;
  /** SPDX licence expression, where known. */
  readonly license?: string;
  /** Of the package as it was fetched, in hex. */
  readonly sha256?: string;
};

const namespace = 'https://bulkhead.dev/sbom';
const created = '1970-01-01T00:00:00Z';

/** The document of one image. *Source*: SPDX 2.3, which scanners read from images. */
export function spdxDocument(image: string, version: string, parts: readonly Part[]): string {
  const packages = parts.toSorted((a, b) => (a.purl < b.purl ? -1 : 1)).map(describePart);
  const hash = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 16);
  const root = {
    ...describePart({ name: image, version, purl: `pkg:oci/${image}@${version}` }),
    SPDXID: 'SPDXRef-image',
  };
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${image}-${version}`,
    documentNamespace: `${namespace}/${image}/${version}-${hash}`,
    creationInfo: { created, creators: ['Tool: bulkhead'] },
    packages: [root, ...packages],
    relationships: [
      relate('SPDXRef-DOCUMENT', 'DESCRIBES', root.SPDXID),
      ...packages.map(({ SPDXID }) => relate(root.SPDXID, 'CONTAINS', SPDXID)),
    ],
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function describePart({ name, version, purl, license, sha256 }: Part) {
  return {
    SPDXID: `SPDXRef-${purl.replace(/[^a-zA-Z0-9.]+/g, '-')}`,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license ?? 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    ...(sha256 && { checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] }),
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

function relate(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
