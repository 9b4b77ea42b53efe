// Takes the guests' kernel, which comes as a library: from Debian, or from PyPI when Debian has moved on to another version.

import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCommands } from '../build/debian-packages.ts';
import { openDebianSuite } from '../build/debian-suite.ts';
import type { BuildContext } from '../build/recipe.ts';
import type { Part } from '../images/spdx.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { verifySha256 } from './verify-sha256.ts';

/** The name that the VMM asks for. */
const library = 'libkrunfw.so.5';
/** *Source*: the package's copyright file: the library around the kernel, and the kernel. */
const license = 'LGPL-2.1-only AND GPL-2.0-only';

export const takeGuestKernel = async (context: BuildContext): Promise<Part> => {
  try {
    return await fromDebian(context);
  } catch (error) {
    context.say(`libkrunfw ${pins.libkrunfw.version} is not to be had from Debian: ${String(error).split('\n')[0]}`);
    return fromWheel(context);
  }
};

const fromDebian = async ({ into, scratch, logFile, say }: BuildContext): Promise<Part> => {
  const { version, sha256 } = pins.libkrunfw;
  const [lists, root] = [join(scratch, 'sid'), join(scratch, 'libkrunfw')];
  await mkdir(lists);
  const suite = await openDebianSuite('sid', { folder: lists, logFile, say });
  const [deb = ''] = await suite.packages([`libkrunfw5=${version}`], join(scratch, 'libkrunfw-deb'));
  await verifySha256(deb, sha256);
  await run(['dpkg-deb', '--extract', deb, root], { logFile });
  await copyFile((await run(['find', root, '-name', `${library}.*`, '-type', 'f'])).trim(), join(into, 'lib', library));
  await copyFile(join(root, 'usr/share/doc/libkrunfw5/copyright'), join(into, 'licenses', 'libkrunfw5'));
  const purl = `pkg:deb/debian/libkrunfw5@${encodeURIComponent(version)}?arch=amd64`;
  return { name: 'libkrunfw5', version, purl, license, sha256 };
};

const fromWheel = async ({ into, scratch, logFile, say }: BuildContext): Promise<Part> => {
  const { version, sha256 } = pins.libkrunfwWheel;
  const folder = join(scratch, 'wheel');
  await ensureCommands({ pip3: 'python3-pip', unzip: 'unzip' }, say);
  const name = `microsandbox==${version}`;
  await run(['pip3', 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', folder, name], { logFile });
  const wheel = (await run(['find', folder, '-name', '*.whl'])).trim();
  await verifySha256(wheel, sha256);
  await run(['unzip', '-q', wheel, '-d', join(folder, 'tree')], { logFile });
  const [found = ''] = (await run(['find', folder, '-name', `${library}*`, '-type', 'f'])).split('\n');
  await copyFile(found, join(into, 'lib', library));
  return { name: 'microsandbox', version, purl: `pkg:pypi/microsandbox@${version}`, license, sha256 };
};
