// The manifest in a payload: every file with its digest, so that nothing else is ever staged.
import { z } from 'zod';
import { kubernetesArch } from './kubernetes-values.ts';

/** File name of the manifest at the payload's root. */
export const manifestName = 'manifest.json';

const path = z
  .string()
  .regex(/^[^/\0]+(\/[^/\0]+)*$/, 'must be relative')
  .refine((value) => !value.split('/').some((part) => part === '.' || part === '..'), 'must not climb');

export const payloadManifest = z.object({
  family: z.string(),
  version: z.string(),
  arch: kubernetesArch,
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
  /** Symbolic links; their targets are relative and lead to something in the payload. */
  links: z.array(z.object({ path, target: z.string().min(1) })).default([]),
  /** What the folder is named after, when its files were chosen on the node and not by a builder. */
  recipe: z.string().optional(),
});

export type PayloadManifest = z.infer<typeof payloadManifest>;
