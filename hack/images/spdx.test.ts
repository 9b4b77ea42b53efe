// Claims about the bill of materials: what SPDX asks for, and that it depends on the parts alone.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { spdxDocument, type Part } from './spdx.ts';

const zod: Part = { name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7', license: 'MIT' };
const libc: Part = { name: 'libc6', version: '2.36', purl: 'pkg:deb/debian/libc6@2.36', sha256: 'ab'.repeat(32) };

type Document = {
  readonly [field: string]: unknown;
  readonly documentNamespace: string;
  readonly packages: readonly { readonly SPDXID: string; readonly name: string }[];
  readonly relationships: readonly { readonly relatedSpdxElement: string }[];
};
const documentOf = (...parts: Part[]) => JSON.parse(spdxDocument('operator', '1.0.0', parts)) as Document;

describe('spdxDocument()', () => {
  it('has every field that SPDX 2.3 demands of a document', () => {
    expect(documentOf(zod)).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'operator-1.0.0',
      documentNamespace: expect.stringMatching(/^https:/),
      creationInfo: { created: '1970-01-01T00:00:00Z', creators: ['Tool: bulkhead'] },
    });
  });

  it('describes a part with version, licence, checksum and package URL', () => {
    expect(documentOf(zod, libc).packages).toMatchObject([
      { name: 'operator' },
      {
        name: 'libc6',
        licenseDeclared: 'NOASSERTION',
        checksums: [{ algorithm: 'SHA256', checksumValue: libc.sha256 }],
      },
      { name: 'zod', versionInfo: '4.6.7', licenseDeclared: 'MIT', externalRefs: [{ referenceLocator: zod.purl }] },
    ]);
  });

  it('relates every package, by ids that are allowed and unique', () => {
    const { packages, relationships } = documentOf(zod, libc);
    const ids = packages.map(({ SPDXID }) => SPDXID);
    expect(relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
    expect(ids.filter((id) => !/^SPDXRef-[a-zA-Z0-9.-]+$/.test(id))).toEqual([]);
  });

  it('lists the files of a part that has some, with the code that SPDX makes of their SHA1s', () => {
    const sums = ['b'.repeat(40), 'a'.repeat(40)];
    const files = sums.map((sha1, i) => ({ path: `bin/${i}`, sha1, sha256: 'cd'.repeat(32) }));
    const document = documentOf({ ...zod, files });
    const code = createHash('sha1')
      .update('a'.repeat(40) + 'b'.repeat(40))
      .digest('hex');
    expect(document.packages[1]).toMatchObject({
      filesAnalyzed: true,
      packageVerificationCode: { packageVerificationCodeValue: code },
    });
    expect(document['files']).toMatchObject([{ fileName: './bin/0' }, { fileName: './bin/1' }]);
  });

  it('tells where a part comes from, and from what an image was made without having it', () => {
    const archive: Part = { ...libc, source: 'https://example/a.tar', sha512: 'ef'.repeat(64), isOrigin: true };
    const { packages, relationships } = documentOf(archive);
    expect(packages[1]).toMatchObject({
      downloadLocation: 'https://example/a.tar',
      checksums: [{}, { algorithm: 'SHA512' }],
    });
    expect(relationships[1]).toMatchObject({ relationshipType: 'GENERATED_FROM' });
  });

  it('is the same whatever the order of the parts, and has another namespace for other parts', () => {
    expect(documentOf(zod, libc)).toEqual(documentOf(libc, zod));
    expect(documentOf(zod).documentNamespace).not.toBe(documentOf(libc).documentNamespace);
  });
});
