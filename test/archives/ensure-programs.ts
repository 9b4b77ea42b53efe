// Brings the programs that archives of the tests, and certificates of their servers, are made with, once before all tests of a project.
import { ensureCommands } from '../../hack/build/debian-packages.ts';
import { progress } from '../../hack/progress.ts';

export default async function setup(): Promise<void> {
  await ensureCommands({ xz: 'xz-utils', bzip2: 'bzip2', zstd: 'zstd', openssl: 'openssl' }, progress('test'));
}
