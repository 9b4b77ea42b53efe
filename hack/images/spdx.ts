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
  /** Where it comes from, where known. */
  readonly source?: string;
  /** Of the package as it was fetched, in hex. */
  readonly sha256?: string;
  readonly sha512?: string;
  /** Its files in the image, where they are told apart. */
  readonly files?: readonly PartFile[];
  /** Not in the image itself: what is in it was taken out of this. */
  readonly isOrigin?: true;
};

type PartFile = { readonly path: string; readonly sha1: string; readonly sha256: string };

const namespace = 'https://bulkhead.dev/sbom';
const created = '1970-01-01T00:00:00Z';
const root = 'SPDXRef-image';

/** The document of one image. *Source*: SPDX 2.3, which scanners read from images. */
export function spdxDocument(image: string, version: string, parts: readonly Part[], comment?: string): string {
  const sorted = parts.toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
  const packages = sorted.map(describePart);
  const files = sorted.flatMap(({ files: own = [] }) => own);
  const hash = createHash('sha256')
    .update(JSON.stringify([packages, files]))
    .digest('hex')
    .slice(0, 16);
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${image}-${version}`,
    documentNamespace: `${namespace}/${image}/${version}-${hash}`,
    ...(comment !== undefined && { comment }),
    creationInfo: { created, creators: ['Tool: bulkhead'] },
    packages: [
      { ...describePart({ name: image, version, purl: `pkg:oci/${image}@${version}` }), SPDXID: root },
      ...packages,
    ],
    ...(files.length > 0 && { files: files.map(describeFile) }),
    relationships: [relate('SPDXRef-DOCUMENT', 'DESCRIBES', root), ...sorted.flatMap(relationsOf)],
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function describePart({ name, version, purl, license, source, sha256, sha512, files }: Part) {
  const checksums = Object.entries({ SHA256: sha256, SHA512: sha512 }).flatMap(([algorithm, checksumValue]) =>
    checksumValue === undefined ? [] : [{ algorithm, checksumValue }],
  );
  return {
    SPDXID: idOf(purl),
    name,
    versionInfo: version,
    downloadLocation: source ?? 'NOASSERTION',
    filesAnalyzed: files !== undefined,
    ...(files && {
      packageVerificationCode: { packageVerificationCodeValue: verificationCode(files) },
      licenseInfoFromFiles: ['NOASSERTION'],
    }),
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license ?? 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    ...(checksums.length > 0 && { checksums }),
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

function describeFile({ path, sha1, sha256 }: PartFile) {
  return {
    SPDXID: idOfFile(path),
    fileName: `./${path}`,
    checksums: [
      { algorithm: 'SHA1', checksumValue: sha1 },
      { algorithm: 'SHA256', checksumValue: sha256 },
    ],
    licenseConcluded: 'NOASSERTION',
    licenseInfoInFiles: ['NOASSERTION'],
    copyrightText: 'NOASSERTION',
  };
}

/** *Source*: SPDX 2.3, 7.9: SHA1 of the files' sorted SHA1s. */
function verificationCode(files: readonly PartFile[]): string {
  const sums = files.map(({ sha1 }) => sha1).toSorted();
  return createHash('sha1').update(sums.join('')).digest('hex');
}

function relationsOf({ purl, files = [], isOrigin }: Part) {
  return [
    relate(root, isOrigin ? 'GENERATED_FROM' : 'CONTAINS', idOf(purl)),
    ...files.map(({ path }) => relate(idOf(purl), 'CONTAINS', idOfFile(path))),
  ];
}

function relate(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function idOf(purl: string): string {
  return `SPDXRef-${purl.replace(/[^a-zA-Z0-9.]+/g, '-')}`;
}

/** Paths that differ in a sign that an id must not have would share one. */
function idOfFile(path: string): string {
  return `SPDXRef-file-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}
