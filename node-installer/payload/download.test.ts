import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../test/archives/make-archive.ts';
import { type Answer, fileOf, serve, type Served } from '../../test/archives/serve.ts';
import { fakeHost } from '../../test/fakes/fake-host.ts';
import { download } from './download.ts';

const file = '/opt/archive';
const bytes = Buffer.from('some bytes that stand for an archive'.repeat(100));

let server: Served | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
  vi.unstubAllEnvs();
});

function nodeWith(part?: Buffer) {
  const host = fakeHost();
  host.put('/opt/some', '');
  if (part) host.put(file, part.toString());
  return host;
}

async function fetchFrom(answer: Answer, { host = nodeWith(), hex = sha256(bytes) } = {}) {
  server = await serve(answer);
  const told: string[] = [];
  const digest = { algorithm: 'sha256', hex } as const;
  const end = download({ host, url: `${server.url}/a.tar.zst`, digest, file, tell: (text) => told.push(text) });
  const refusal = await end.then(
    () => undefined,
    (error: unknown) => error as { reason: string; message: string },
  );
  return { refusal, got: host.text(file), asked: server.asked, told };
}

/** Breaks the connection after so many bytes, the first time; then it serves the rest. */
function cutOffOnce(after: number): Answer {
  let isFirst = true;
  return (request, response) => {
    if (!isFirst) return fileOf(bytes)(request, response);
    isFirst = false;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, after), () => setTimeout(() => response.destroy(), 50));
  };
}

describe('download()', () => {
  it('has the bytes whose digest is given', async () => {
    const { refusal, got } = await fetchFrom(fileOf(bytes));
    expect(refusal).toBeUndefined();
    expect(got).toBe(bytes.toString());
  });

  it('asks nobody for what is there already', async () => {
    const { refusal, asked } = await fetchFrom(fileOf(bytes), { host: nodeWith(bytes) });
    expect(refusal).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('goes on where an earlier try was cut off', async () => {
    const { refusal, got, asked } = await fetchFrom(fileOf(bytes), { host: nodeWith(bytes.subarray(0, 1000)) });
    expect(refusal).toBeUndefined();
    expect(got).toBe(bytes.toString());
    expect(asked).toEqual(['GET /a.tar.zst bytes=1000-']);
  });

  it('goes on by itself when the connection breaks', async () => {
    const { refusal, got, asked } = await fetchFrom(cutOffOnce(500));
    expect(refusal).toBeUndefined();
    expect(got).toBe(bytes.toString());
    expect(asked).toEqual(['GET /a.tar.zst', 'GET /a.tar.zst bytes=500-']);
  });

  it('starts anew where a server knows no ranges, and where it has less than we do', async () => {
    const whole: Answer = (_, response) => void response.writeHead(200).end(bytes);
    expect(await fetchFrom(whole, { host: nodeWith(bytes.subarray(0, 10)) })).toMatchObject({ got: bytes.toString() });
    await server?.stop();
    const longer = nodeWith(Buffer.concat([bytes, Buffer.from('!')]));
    expect(await fetchFrom(fileOf(bytes), { host: longer })).toMatchObject({ got: bytes.toString() });
  });

  it('keeps what it has of a download that never ends, for the next try', async () => {
    const never: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 300), () => setTimeout(() => response.destroy(), 20));
    };
    const { refusal, got } = await fetchFrom(never);
    expect(refusal).toMatchObject({ reason: 'DownloadFailed' });
    expect(refusal?.message).toMatch(/^Cannot fetch http:.*: it was cut off after 300 bytes \(aborted\)\.$/);
    expect(got).toBe(bytes.subarray(0, 300).toString());
  });

  it.each([
    ['what is not there', 404, 'DownloadRefused', /: the server answers 404 Not Found\.$/],
    ['what is forbidden', 403, 'DownloadRefused', /: the server answers 403 Forbidden\.$/],
    ['a server that is down for long', 503, 'DownloadFailed', /: the server answers 503 Service Unavailable\.$/],
  ])('refuses %s', async (_, status, reason, message) => {
    const { refusal, got } = await fetchFrom((_request, response) => void response.writeHead(status).end('no'));
    expect(refusal).toMatchObject({ reason, message: expect.stringMatching(message) as unknown });
    expect(got).toBeUndefined();
  });

  it.each([
    ['a web page', '<!DOCTYPE html><title>Sign in</title>', /; it is a web page\.$/],
    ['an error in XML with status 200', '<?xml version="1.0"?><Error/>', /; it is an XML document, as servers/],
    ['an empty answer', '', /; it is empty\.$/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', /; it is a Git LFS pointer/],
  ])('says what it got instead: %s', async (_, text, message) => {
    const { refusal, got } = await fetchFrom(fileOf(Buffer.from(text)));
    expect(refusal).toMatchObject({ reason: 'PayloadDigestWrong', message: expect.stringMatching(message) as unknown });
    expect(got).toBeUndefined();
  });

  it('names both digests when they differ, and keeps nothing', async () => {
    const { refusal, got } = await fetchFrom(fileOf(bytes), { hex: 'f'.repeat(64) });
    expect(refusal?.message).toContain(`its sha256 is ${sha256(bytes).slice(0, 12)}… and not ffffffffffff…;`);
    expect(got).toBeUndefined();
  });

  it('follows redirects, but not for ever', async () => {
    const once: Answer = (request, response) =>
      request.url === '/real'
        ? fileOf(bytes)(request, response)
        : void response.writeHead(302, { location: '/real' }).end();
    expect(await fetchFrom(once)).toMatchObject({ refusal: undefined, asked: ['GET /a.tar.zst', 'GET /real'] });
    await server?.stop();
    const { refusal } = await fetchFrom((_, response) => void response.writeHead(302, { location: '/again' }).end());
    expect(refusal).toMatchObject({ reason: 'DownloadRefused' });
  });

  it('needs the disk before it fetches', async () => {
    const host = nodeWith();
    host.free = 1000;
    const { refusal, got } = await fetchFrom(fileOf(bytes), { host });
    expect(refusal).toMatchObject({ reason: 'NoDiskSpace' });
    expect(got).toBeUndefined();
  });

  it('goes by the proxy of the environment, and not where NO_PROXY says so', async () => {
    const proxy = await serve(fileOf(bytes));
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('no_proxy', '');
    const gone: Answer = (_, response) => void response.writeHead(500).end();
    expect(await fetchFrom(gone)).toMatchObject({ refusal: undefined, asked: [] });
    expect(proxy.asked).toEqual([`GET ${server?.url}/a.tar.zst`]);
    await server?.stop();
    vi.stubEnv('no_proxy', '127.0.0.1');
    expect(await fetchFrom(fileOf(bytes))).toMatchObject({ refusal: undefined, asked: ['GET /a.tar.zst'] });
    await proxy.stop();
  });

  it.runIf(hasOpenssl())('trusts the authorities that the node trusts, and no others', async () => {
    const { key, cert } = selfSigned();
    server = await serve(fileOf(bytes), { key, cert });
    const digest = { algorithm: 'sha256', hex: sha256(bytes) } as const;
    const wanted = { url: `${server.url}/a.tar.zst`, digest, file, tell: () => undefined };
    await expect(download({ ...wanted, host: nodeWith() })).rejects.toThrow(/: self-signed certificate\.$/);
    const host = nodeWith();
    host.put('/etc/ssl/certs/ca-certificates.crt', `# the node's\n${cert}`);
    await download({ ...wanted, host });
    expect(host.text(file)).toBe(bytes.toString());
  });
});

function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-authority-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}
