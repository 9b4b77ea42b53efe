// Values that Kubernetes itself defines, held to its own rules so that a mistake is refused where it is made.
import { z } from 'zod';
import { validations } from './cel.ts';

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Also the pattern of a SandboxRuntime's name. */
export const dnsLabelPattern = labelPattern.source;
export const dnsLabelWords = 'a DNS label: lower-case letters, digits and -, with a letter or digit at both ends';

export const dnsLabel = z.string().regex(labelPattern).max(63).meta({ takes: dnsLabelWords });

/** Kubernetes' spelling, as in the node label `kubernetes.io/arch`. */
export const kubernetesArch = z.enum(['amd64', 'arm64', 's390x', 'ppc64le']);

/** Node labels that must be there. */
export const nodeLabels = z.record(z.string(), z.string().max(63)).meta({
  maxProperties: 16,
  ...validations(
    {
      rule: 'self.all(key, !format.qualifiedName().validate(key).hasValue())',
      message: 'every key must be a label key such as node.example/pool',
    },
    {
      rule: 'self.all(key, !format.labelValue().validate(self[key]).hasValue())',
      message: 'every value must be a label value: letters, digits, -, _ and ., with a letter or digit at both ends',
    },
  ),
});

/** Amounts of resources. */
export const resources = z.record(z.string(), z.string().max(32)).meta({
  maxProperties: 8,
  ...validations({
    rule: 'self.all(key, isQuantity(self[key]) && !quantity(self[key]).isLessThan(quantity("0")))',
    message: 'every value must be a quantity such as 250m or 160Mi',
  }),
});

export const toleration = z
  .object({
    key: z.string().max(317).optional().describe('Key of the taint. Default: every key.'),
    operator: z.enum(['Exists', 'Equal']).optional().describe('Whether value counts. Default: Equal.'),
    value: z.string().max(63).optional().describe('Value of the taint.'),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .optional()
      .describe('Effect of the taint. Default: every effect.'),
    tolerationSeconds: z
      .number()
      .int()
      .optional()
      .describe('How long a pod stays after the taint came. Default: for good.'),
  })
  .meta(
    validations(
      {
        rule: "self.?key.orValue('') != '' || self.?operator.orValue('Equal') == 'Exists'",
        message: 'a toleration without key must have the operator Exists',
      },
      {
        rule: "self.?operator.orValue('Equal') != 'Exists' || self.?value.orValue('') == ''",
        message: 'a toleration with the operator Exists must not have a value',
      },
      {
        rule: "!has(self.tolerationSeconds) || self.?effect.orValue('') == 'NoExecute'",
        message: 'a toleration with tolerationSeconds must have the effect NoExecute',
      },
    ),
  );
