// The lint rules: the correctness rules of oxlint, a few of ours, and the layers of hack/layers.ts as restricted imports.
import { defineConfig } from 'oxlint';
import { layers } from './hack/layers.ts';
import { layerOverrides } from './hack/layer-rules.ts';

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['dist/**', 'node_modules/**'],
  rules: {
    'import/no-cycle': 'error',
    'oxc/no-barrel-file': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/prefer-readonly': 'error',
    'unicorn/prefer-node-protocol': 'error',
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
    // Effects on hosts and clusters come one after the other on purpose.
    'no-await-in-loop': 'off',
    // The parsers at the borders narrow what they have checked.
    'typescript/no-unsafe-type-assertion': 'off',
    // An exhaustive switch without default returns on every path; TypeScript itself checks that.
    'typescript/consistent-return': 'off',
    // Long lists of short words are grouped by spreading one list a line.
    'unicorn/no-useless-spread': 'off',
    'no-underscore-dangle': 'off',
    // A table of cases may say which of them throws.
    'vitest/no-conditional-expect': 'off',
    // Objects are closures here and have no `this`, so their functions may be passed around.
    'typescript/unbound-method': 'off',
    // A type parameter that only the result uses is how a border names what it trusts.
    'typescript/no-unnecessary-type-parameters': 'off',
    'typescript/no-meaningless-void-operator': 'off',
    // fast-check is used by its default export, as in its own documentation.
    'import/no-named-as-default-member': 'off',
    // Small closures stand beside the code that they explain.
    'unicorn/consistent-function-scoping': 'off',
  },
  overrides: layers.flatMap(layerOverrides),
});
