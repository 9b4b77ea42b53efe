// The operator's settings from its environment, parsed once; says what is wrong with which variable.
import { z } from 'zod';
import { tagOf } from '../crds/image-tags.ts';
import { namespace, operatorHealthPort, operatorVariables } from '../crds/names.ts';

const image = z.string().min(1);

const environment = z.object({
  [operatorVariables.installerImage]: image.refine(
    (reference) => tagOf(reference) !== undefined,
    'must have a tag, after which payload images are tagged',
  ),
  [operatorVariables.payloadRepository]: image.regex(/[^/]$/, 'must not end with a slash'),
  [operatorVariables.pauseImage]: image,
  /** Who holds the Lease. */
  [operatorVariables.podName]: z.string().min(1),
  [operatorVariables.podNamespace]: z.literal(namespace).default(namespace),
  // For what nodes download; the operator itself speaks to the API server alone.
  HTTP_PROXY: z.string().optional(),
  HTTPS_PROXY: z.string().optional(),
  NO_PROXY: z.string().optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  BULKHEAD_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(operatorHealthPort),
  BULKHEAD_LEASE_SECONDS: z.coerce.number().int().min(1).default(15),
});

export function parseConfig(variables: Readonly<Record<string, string | undefined>>) {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) throw new Error(`Cannot start with this environment:\n${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    settings: {
      installerImage: data[operatorVariables.installerImage],
      payloadRepository: data[operatorVariables.payloadRepository],
      pauseImage: data[operatorVariables.pauseImage],
      proxy: proxyOf(data),
    },
    identity: data[operatorVariables.podName],
    logLevel: data.LOG_LEVEL,
    healthPort: data.BULKHEAD_HEALTH_PORT,
    leaseSeconds: data.BULKHEAD_LEASE_SECONDS,
  };
}

function proxyOf({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY }: z.infer<typeof environment>): Record<string, string> {
  const given = Object.entries({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY }).flatMap(([name, value]) =>
    value ? [[name, value]] : [],
  );
  return Object.fromEntries(given) as Record<string, string>;
}
