// What becomes of a question that an engine takes and never answers.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askDocker } from '../docker/ask-docker.ts';
import { askCri } from './ask-cri.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'));
const socket = join(folder, 'engine.sock');
const taken: Socket[] = [];
let hanging: Server;

beforeAll(async () => {
  hanging = createServer((connection) => taken.push(connection));
  await new Promise<void>((listening) => hanging.listen(socket, listening));
});

afterAll(() => {
  for (const connection of taken) connection.destroy();
  hanging.close();
  rmSync(folder, { recursive: true });
});

it.each([
  ['askCri()', askCri],
  ['askDocker()', askDocker],
])('%s says that an engine is late, not that there is none', async (_, ask) => {
  expect(await ask(socket, 300)).toEqual({ kind: 'Silent', why: 'it has not answered within 0.3 s', isLate: true });
  expect(taken).not.toEqual([]);
  expect(await ask(`${socket}.none`, 300)).toEqual({
    kind: 'Silent',
    why: expect.stringContaining('ENOENT') as unknown,
  });
});
