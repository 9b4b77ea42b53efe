// The manifest in a payload: every file with its digest, so that nothing else is ever staged.
import { z } from 'zod';

/** File name of the manifest at the payload's root. */
export const manifestName = 'manifest.json';

const path = z
  .string()
  .regex(/^[^/\0]+(\/[^/\0]+)*$/, 'must be relative')
  .refine((value) => !value.split('/').some((part) => part === '.' || part === '..'), 'must not climb');

export const payloadManifest = z.object({
  family: z.string(),
  version: z.string(),
  /** Kubernetes' spelling, as in the node label `kubernetes.io/arch`. */
  arch: z.enum(['amd64', 'arm64']),
  files: z
    .array(
      z.object({
        path,
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        sizeBytes: z.number().int().nonnegative(),
        /** Permission bits; setuid, setgid and sticky are refused. */
        mode: z.number().int().min(0).max(0o777),
      }),
    )
    .min(1),
});

export type PayloadManifest = z.infer<typeof payloadManifest>;
