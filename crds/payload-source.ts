// Where a payload's files come from: as an admin writes it, and as the union that everyone else works with.
import { z } from 'zod';
import { validations } from './cel.ts';
import { kubernetesArch } from './kubernetes-values.ts';

const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${digits}}$`))
    .max(digits)
    .meta({ takes: `${digits} lower-case hex digits` });

const archive = z
  .object({
    url: z
      .string()
      .regex(/^https?:\/\/[^\s@]+$/)
      .max(2048)
      .meta({ takes: 'an http or https URL without credentials' })
      .describe('Where the archive is: a tar, plain or compressed by zstd, gzip, xz or bzip2.'),
    sha256: hex(64).optional().describe('Digest of the archive as it is at the URL.'),
    sha512: hex(128).optional().describe('Digest of the archive as it is at the URL.'),
  })
  .meta(
    validations({
      rule: 'has(self.sha256) != has(self.sha512)',
      message: 'must have exactly one of sha256 and sha512',
    }),
  );

const image = z
  .string()
  .regex(/^[a-z0-9][^\s]*$/)
  .max(512)
  .meta({ takes: 'an image reference such as registry.example/payload-gvisor:20260905' });

const source = z
  .object({
    image: image.optional().describe('OCI image with the payload in /payload and the node installer.'),
    imageVolume: image
      .optional()
      .describe(
        'OCI image with the payload in /payload and no installer: for nodes that mount images (Kubernetes 1.36).',
      ),
    archive: archive.optional().describe('An archive that each node fetches.'),
    hostPath: z
      .string()
      .regex(/^(\/[^/\0]+)+$/)
      .max(1024)
      .optional()
      .meta({ takes: 'an absolute path without a slash at its end' })
      .describe('A folder that is on the node already.'),
    arch: kubernetesArch.optional().describe('The only architecture whose nodes get it. Default: every architecture.'),
  })
  .meta(
    validations(
      {
        rule: '[has(self.image), has(self.imageVolume), has(self.archive), has(self.hostPath)].filter(given, given).size() == 1',
        message: 'must have exactly one of image, imageVolume, archive and hostPath',
      },
      {
        rule: '!(has(self.image) || has(self.imageVolume)) || !has(self.arch)',
        message: 'an image has its own architectures: arch is for archive and hostPath',
      },
    ),
  );

/** `spec.payload`. */
export const payload = z.object({
  sources: z
    .array(source)
    .min(1)
    .max(8)
    .meta(
      validations({
        rule: 'self.filter(source, has(source.image) || has(source.imageVolume)).size() <= 1',
        message: 'must have at most one image or imageVolume, since nodes read the payload from one place',
      }),
    )
    .describe('Laid over each other: of files with the same path, that of the last source counts.'),
});

export const digest = z.object({ algorithm: z.enum(['sha256', 'sha512']), hex: z.string().regex(/^[0-9a-f]+$/) });

/** A source as a node gets it. The image is the one that the stage step runs in, or has mounted. */
export const taskSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('image') }),
  z.object({ kind: z.literal('archive'), url: z.string(), digest, arch: z.string().optional() }),
  z.object({ kind: z.literal('hostPath'), path: z.string(), arch: z.string().optional() }),
]);

export type Digest = z.infer<typeof digest>;
export type TaskSource = z.infer<typeof taskSource>;
export type SpecSource = z.infer<typeof source>;

/** *Errors*: throws for a source that is nothing or several things, which the CRD's rules refuse. */
export function parseSource({
  image: ofImage,
  imageVolume,
  archive: ofArchive,
  hostPath,
  arch,
}: SpecSource): TaskSource {
  const only = arch === undefined ? {} : { arch };
  if ((ofImage ?? imageVolume) !== undefined) return { kind: 'image' };
  if (hostPath !== undefined) return { kind: 'hostPath', path: hostPath, ...only };
  if (!ofArchive) throw new Error('Cannot use a payload source: it is neither image nor archive nor hostPath.');
  return { kind: 'archive', url: ofArchive.url, digest: parseDigest(ofArchive), ...only };
}

function parseDigest({ sha256, sha512 }: z.infer<typeof archive>): Digest {
  if (sha256 !== undefined) return { algorithm: 'sha256', hex: sha256 };
  if (sha512 !== undefined) return { algorithm: 'sha512', hex: sha512 };
  throw new Error('Cannot use an archive: it has neither sha256 nor sha512.');
}
