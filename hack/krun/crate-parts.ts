// Says which crates a program was built from, by what `cargo tree` prints. Pure.

import type { Part } from '../images/spdx.ts';

/** *Shape*: lines `name vX.Y.Z (note)…<tab>licence`; a crate that comes twice counts once. */
export const crateParts = (tree: string): readonly Part[] => {
  const parts = tree.split('\n').flatMap((line): Part[] => {
    const [, name = '', version = '', license = ''] = /^(\S+) v(\S+)[^\t]*\t(.*)$/.exec(line) ?? [];
    if (name === '') return [];
    const purl = `pkg:cargo/${name}@${version}`;
    return [{ name, version, purl, ...(license === '' ? {} : { license: spdxExpression(license) }) }];
  });
  return [...new Map(parts.map((part) => [part.purl, part])).values()];
};

/** Old crates write a slash where SPDX has OR; cargo appends a star to what it lists again. */
const spdxExpression = (license: string): string => license.replace(/ \(\*\)$/, '').replaceAll(/ ?\/ ?/g, ' OR ');
