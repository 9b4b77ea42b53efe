// The terms that the payload's parts are handed on under: the crates' own texts, and where the sources are that must be offered.

import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Part } from '../images/spdx.ts';
import { pins } from '../pins.ts';

/** Of the artifact; its files go into the image, not onto nodes. */
export const licensesFolder = 'licenses';

/** Whether a crate's file is one that its licence wants to be kept with it. */
export const isLicenseText = (name: string): boolean =>
  /^(licen[cs]e|copying|copyright|notice|unlicense)([-._]|$)/i.test(name);

/** Copies each crate's texts, named after the crate. @param sources folder of each crate by `name version` */
export const copyCrateLicenses = async (
  crates: readonly Part[],
  sources: ReadonlyMap<string, string>,
  into: string,
): Promise<void> => {
  for (const { name, version } of crates) {
    const folder = sources.get(`${name} ${version}`);
    if (folder === undefined)
      throw new Error(`Cannot find the licence of ${name} ${version}: cargo has no source of it.`);
    for (const file of (await readdir(folder)).filter(isLicenseText)) {
      await copyFile(join(folder, file), join(into, `${name}-${version}-${file}`));
    }
  }
};

/** The text that tells whoever gets the payload where the sources are that the GPL and the LGPL promise. */
export const sourceNotice = (parts: readonly Part[]): string => {
  const lines = parts
    .filter(({ license }) => /\bL?GPL-/.test(license ?? ''))
    .map((part) => `${part.name} ${part.version} (${part.license}): ${sourceOf(part)}`);
  return `Sources of the parts of this payload that are under the GPL or the LGPL, unchanged by this project:\n\n${lines.join('\n')}\n`;
};

const sourceOf = ({ name, version, purl }: Part): string => {
  if (name === 'crun') return debianSource(name, pins.crun.version);
  if (purl.startsWith('pkg:deb/')) return debianSource(name, version);
  return `the release of libkrunfw that the PyPI package ${name} ${version} bundles, and the Linux that it names`;
};

const debianSource = (name: string, version: string): string => `apt-get source ${name}=${version} (Debian)`;
