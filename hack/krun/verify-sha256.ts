// Refuses a downloaded file that is not the pinned one.

import { basename } from 'node:path';

import { run } from '../run.ts';

export const verifySha256 = async (file: string, expected: string): Promise<void> => {
  const [got = ''] = (await run(['sha256sum', file])).split(' ');
  if (got !== expected) {
    throw new Error(`Cannot use ${basename(file)}: its sha256 is ${got}, the pinned one is ${expected}.`);
  }
};
