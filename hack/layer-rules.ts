// Turns one layer of the table into oxlint overrides. It knows how oxlint matches imports and nothing about our layers.
import { posix } from 'node:path';
import type { OxlintOverride } from 'oxlint';
import type { Layer } from './layers.ts';

const maxDepth = 4;
const forTests = { packages: ['vitest', 'fast-check'], layers: ['test'] };

/**
 * The overrides of one layer: for each depth of folders in it, since oxlint matches an import as it is written
 * (`../../kube/client.ts`), and once more for the tests, which may import vitest, fast-check, node:* and test/.
 */
export function layerOverrides(layer: Layer): OxlintOverride[] {
  return Array.from({ length: maxDepth }, (_, depth) => {
    const folder = layer.at + '/*'.repeat(depth);
    return [
      override(layer, [`${folder}/*.ts`], folder),
      override(layerOfTests(layer), [`${folder}/*.test.ts`], folder),
    ];
  }).flat();
}

function layerOfTests(layer: Layer): Layer {
  return {
    ...layer,
    layers: [...layer.layers, ...forTests.layers],
    packages: layer.packages === 'any' ? 'any' : [...layer.packages, ...forTests.packages],
    node: 'any',
  };
}

function override(layer: Layer, files: string[], folder: string): OxlintOverride {
  const message = describeLayer(layer);
  const typesOnly = (layer.typesOf ?? []).map((name) => ({
    // A regex, since oxlint 1.94 lets an import pass that any one `group` allows.
    regex: `^${name.replaceAll('*', '[^/]+')}(/|$)`,
    allowTypeImports: true,
    message,
  }));
  const patterns = [...typesOnly, { group: allowOnly(layer, folder), message }];
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** *Shape*: gitignore lines over import specifiers: the last that matches counts, `!` allows. */
function allowOnly(layer: Layer, folder: string): string[] {
  const outOfLayer = `${posix.relative(folder, posix.dirname(layer.at))}/**`;
  return [
    ...(layer.packages === 'any' ? ['node:*', 'node:*/**'] : ['*']),
    '!./**',
    '!../**',
    ...nodeModules(layer.node),
    ...(layer.packages === 'any' ? [] : [...layer.packages, ...(layer.typesOf ?? [])]).flatMap(allow),
    outOfLayer,
    ...layer.layers.flatMap((to) => allow(posix.relative(folder, to))),
  ];
}

function nodeModules(node: Layer['node']): string[] {
  if (node === 'none') return [];
  return node === 'any' ? ['!node:*', '!node:*/**'] : node.map((name) => `!${name}`);
}

function allow(path: string): string[] {
  return path.endsWith('.ts') ? [`!${path}`] : [`!${path}`, `!${path}/**`];
}

function describeLayer({ at, layers, packages, typesOf = [], node, because }: Layer): string {
  const allowed = [
    ...layers,
    ...(packages === 'any' ? ['any package'] : packages),
    ...typesOf.map((name) => `types of ${name}`),
    ...(node === 'any' ? ['node:*'] : node === 'none' ? [] : node),
  ];
  return `${at} may import ${allowed.join(', ') || 'nothing else'}: ${because}. See hack/layers.ts.`;
}
