// What every Host keeps to: the real one under a folder and the one in memory that other tests use.
import { mkdtempSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fakes/fake-host.ts';
import type { Host } from './host.ts';
import { realHost } from './real-host.ts';

let root = '';
let host: Host;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-host-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const text = async (path: string) => {
  const read = await host.read(path);
  return read && new TextDecoder().decode(read);
};
async function* pieces(...texts: string[]) {
  for (const piece of texts) yield bytes(piece);
}

describe.each([
  ['the real host', () => realHost(root, [])],
  ['the fake host', () => fakeHost()],
])('%s', (_, make) => {
  beforeEach(async () => {
    host = make();
    await host.makeFolder('/etc/app', 0o755);
    await host.makeFolder('/run', 0o755);
  });

  it('reads what is absent as absent', async () => {
    expect(await host.read('/etc/none')).toBeUndefined();
    expect(await host.stat('/etc/none/at/all')).toBeUndefined();
    expect(await host.list('/etc/none')).toEqual([]);
    await host.removeFile('/etc/none');
    await host.removeTree('/etc/none');
    await host.removeEmptyFolder('/etc/none');
  });

  it('makes a folder and those above it, and leaves one that is there', async () => {
    await host.makeFolder('/opt/a/b', 0o750);
    await host.makeFolder('/opt/a/b', 0o700);
    expect(await host.stat('/opt/a/b')).toMatchObject({ kind: 'directory', mode: 0o750 });
    expect(await host.list('/opt')).toEqual(['a']);
  });

  it('writes a new file from pieces, once', async () => {
    await host.writeNew('/etc/app/new', pieces('a', 'bc'), 0o755);
    expect(await text('/etc/app/new')).toBe('abc');
    expect(await host.stat('/etc/app/new')).toMatchObject({ kind: 'file', mode: 0o755, sizeBytes: 3 });
    await expect(host.writeNew('/etc/app/new', pieces('x'), 0o755)).rejects.toThrow('EEXIST');
  });

  it('appends to a file, and keeps what came before an error', async () => {
    await host.append('/etc/app/part', pieces('a', 'b'), 0o600);
    async function* cutOff() {
      yield bytes('c');
      throw new Error('cut off');
    }
    await expect(host.append('/etc/app/part', cutOff(), 0o600)).rejects.toThrow('cut off');
    expect(await text('/etc/app/part')).toBe('abc');
    expect(await host.stat('/etc/app/part')).toMatchObject({ mode: 0o600 });
  });

  it('makes a link that reads as its target, and as what it leads to', async () => {
    await host.writeNew('/etc/app/file', pieces('x'), 0o644);
    await host.makeLink('/etc/app/link', 'file');
    expect(await host.readLink('/etc/app/link')).toBe('file');
    expect(await host.readLink('/etc/app/file')).toBeUndefined();
    expect(await host.readLink('/etc/app/none')).toBeUndefined();
    expect(await text('/etc/app/link')).toBe('x');
  });

  it('replaces a file and keeps its mode', async () => {
    await host.replace('/etc/app/file', bytes('one'), 0o640);
    await host.replace('/etc/app/file', bytes('two'), 0o777);
    expect(await text('/etc/app/file')).toBe('two');
    expect(await host.stat('/etc/app/file')).toMatchObject({ mode: 0o640 });
    expect(await host.list('/etc/app')).toEqual(['file']);
  });

  it('renames a folder with what is in it', async () => {
    await host.makeFolder('/opt/.tmp/sub', 0o755);
    await host.writeNew('/opt/.tmp/sub/file', pieces('x'), 0o644);
    await host.rename('/opt/.tmp', '/opt/done');
    expect(await text('/opt/done/sub/file')).toBe('x');
    expect(await host.list('/opt')).toEqual(['done']);
  });

  it('removes a tree, and a folder only when it is empty', async () => {
    await host.makeFolder('/opt/a/b', 0o755);
    await host.removeEmptyFolder('/opt/a');
    expect(await host.list('/opt')).toEqual(['a']);
    await host.removeEmptyFolder('/opt/a/b');
    await host.removeEmptyFolder('/opt/a');
    expect(await host.list('/opt')).toEqual([]);
    await host.removeTree('/etc/app');
    expect(await host.list('/etc')).toEqual([]);
  });

  it('reads a file in pieces, and throws where there is none', async () => {
    await host.replace('/etc/app/file', bytes('content'), 0o644);
    let read = '';
    for await (const chunk of host.readChunks('/etc/app/file')) read += new TextDecoder().decode(chunk);
    expect(read).toBe('content');
    await expect(async () => {
      for await (const chunk of host.readChunks('/etc/app/none')) void chunk;
    }).rejects.toThrow('ENOENT');
  });

  it('gives the lock to one at a time', async () => {
    const release = await host.lock(0);
    expect(release).toBeTypeOf('function');
    expect(await host.lock(0)).toBeUndefined();
    await release?.();
    const again = await host.lock(0);
    expect(again).toBeTypeOf('function');
    await again?.();
    expect(await host.list('/run')).toEqual([]);
  });

  it('waits while another holds the lock, and no longer than it was told to', async () => {
    const release = await host.lock(0);
    const fromMs = host.nowMs();
    await host.untilUnlocked(300);
    expect(host.nowMs() - fromMs).toBeGreaterThanOrEqual(300);
    await release?.();
    const freeMs = host.nowMs();
    await host.untilUnlocked(60_000);
    expect(host.nowMs() - freeMs).toBeLessThan(60_000);
    expect(await host.list('/run')).toEqual([]);
  });

  it('says that a device is absent', async () => {
    expect(await host.openDevice('/dev/kvm')).toBe('Absent');
  });
});

describe('the real host', () => {
  beforeEach(() => {
    host = realHost(root, []);
    mkdirSync(join(root, 'etc'), { recursive: true });
  });

  it('follows absolute links inside the host, never out of it', async () => {
    await host.makeFolder('/etc/real', 0o755);
    symlinkSync('/etc/real', join(root, 'etc/link'));
    symlinkSync('../../../../..', join(root, 'etc/up'));
    await host.replace('/etc/link/file', bytes('x'), 0o644);
    expect(await text('/etc/real/file')).toBe('x');
    expect(await host.realPath('/etc/link/file')).toBe('/etc/real/file');
    expect(await host.realPath('/etc/up/etc/real')).toBe('/etc/real');
  });

  it('replaces what a link leads to, not the link', async () => {
    await host.replace('/etc/real.toml', bytes('old'), 0o600);
    symlinkSync('/etc/real.toml', join(root, 'etc/link.toml'));
    await host.replace('/etc/link.toml', bytes('new'), 0o644);
    expect(await text('/etc/real.toml')).toBe('new');
    expect(await host.realPath('/etc/link.toml')).toBe('/etc/real.toml');
  });

  it('puts no other file into a folder of drop-ins, not even for a moment', async () => {
    await host.makeFolder('/etc/app/conf.d', 0o755);
    await host.makeFolder('/etc/app/conf.d/file.bulkhead-new', 0o755);
    await host.replace('/etc/app/conf.d/file', bytes('x'), 0o644);
    expect(await text('/etc/app/conf.d/file')).toBe('x');
    expect(await host.list('/etc/app')).toEqual(['conf.d']);
  });

  it('fails on links that go round', async () => {
    symlinkSync('/etc/b', join(root, 'etc/a'));
    symlinkSync('/etc/a', join(root, 'etc/b'));
    await expect(host.realPath('/etc/a')).rejects.toThrow(/more than 40 symbolic links/);
  });

  it('knows a program that does not start from one that fails', async () => {
    const onHost = realHost('/');
    expect(await onHost.run(['/no/such/program'])).toMatchObject({ exitCode: 127 });
    expect(await onHost.run(['/etc/passwd'])).toMatchObject({ exitCode: 126 });
    expect(await onHost.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('sees this very process, with its program and its start', async () => {
    const found = (await realHost('/').processes()).find(({ pid }) => pid === process.pid);
    expect(found).toMatchObject({ exe: process.execPath, nested: false });
    expect(Math.abs((found?.startedMs ?? 0) - (Date.now() - process.uptime() * 1000))).toBeLessThan(1500);
  });

  it('says why a CRI is silent', async () => {
    expect(await host.askCri('/run/none.sock')).toMatchObject({
      kind: 'Silent',
      why: expect.stringContaining('ENOENT') as unknown,
    });
  });
});
