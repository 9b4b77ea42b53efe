import { afterEach, describe, expect, it } from 'vitest';
import { type Health, serveHealth } from './health.ts';

let health: Health;
afterEach(() => health.close());

const status = async (path: string) => (await fetch(`http://127.0.0.1:${health.port}${path}`)).status;

describe('serveHealth()', () => {
  it('is alive at once and ready when told so', async () => {
    health = await serveHealth(0);
    expect([await status('/healthz'), await status('/readyz'), await status('/')]).toEqual([200, 503, 404]);
    health.setReady(true);
    expect(await status('/readyz')).toBe(200);
  });
});
