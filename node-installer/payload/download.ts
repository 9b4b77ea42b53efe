// Fetches an archive onto the host. What an earlier try has fetched is not fetched again; nothing counts before its digest does.
import { createHash, type Hash } from 'node:crypto';
import type { Digest } from '../../crds/payload-source.ts';
import type { Host } from '../host/host.ts';
import { describeHead, headBytes } from './archive-format.ts';
import { givenAuthorities } from './given-authorities.ts';
import { hostAuthorities } from './host-authorities.ts';
import { type Opened, openUrl } from './http-get.ts';
import { releasing } from './release-buffers.ts';
import { UnfitPayload } from './unfit-payload.ts';

/** Says how far something long is. */
export type Tell = (text: string) => void;

export type Download = {
  readonly host: Host;
  readonly url: string;
  readonly digest: Digest;
  /** Where it goes on the host. */
  readonly file: string;
  readonly tell: Tell;
};

/** Each goes on where the one before was cut off. */
const tries = 4;
const pauseMs = 2000;
const tellEveryMs = 10_000;
const fileMode = 0o600;

/** *Errors*: throws in words; what was fetched stays for the next time, unless it is known to be wrong. */
export async function download(wanted: Download): Promise<void> {
  const { host, url, digest, file } = wanted;
  const authorities = [...(await hostAuthorities(host)), ...(await givenAuthorities())];
  let why = '';
  for (let left = tries; left > 0; left--) {
    const got = await hashFile(host, file, digest);
    if (isRight(got.hash, digest)) return;
    const end = await fetchRest(wanted, got, authorities);
    if (end.kind === 'Whole') return judge(wanted, end.hash);
    why = end.why;
    if (left > 1) await host.sleep(pauseMs);
  }
  const hint =
    'It goes on where it stopped at the next try; look whether nodes reach the server, by a proxy if there is one, and trust its certificate (docs/payloads.md).';
  throw new UnfitPayload('DownloadFailed', `Cannot fetch ${url}: ${why}.`, hint);
}

/** What there is of it. */
type Got = { readonly hash: Hash; readonly sizeBytes: number };
type End = { readonly kind: 'Whole'; readonly hash: Hash } | { readonly kind: 'CutOff'; readonly why: string };

async function fetchRest(wanted: Download, got: Got, authorities: readonly string[]): Promise<End> {
  const { host, url, file, digest } = wanted;
  let opened: Opened;
  try {
    opened = await openUrl(url, got.sizeBytes === 0 ? {} : { range: `bytes=${got.sizeBytes}-` }, authorities);
  } catch (error) {
    if (error instanceof UnfitPayload) throw error;
    return { kind: 'CutOff', why: messageOf(error) };
  }
  const { status, statusText, body } = opened;
  if (status === 206 && opened.header('content-range')?.startsWith(`bytes ${got.sizeBytes}-`)) {
    return receive(wanted, got, opened);
  }
  if (status === 200) {
    await host.removeFile(file);
    return receive(wanted, { hash: createHash(digest.algorithm), sizeBytes: 0 }, opened);
  }
  body.destroy();
  const why = `the server answers ${status} ${statusText}`.trimEnd();
  if (status === 206 || status === 416) await host.removeFile(file);
  else if (status < 500 && status !== 429) {
    const hint = 'Correct the URL in spec.payload.sources, or see whether the server lets nodes have it.';
    throw new UnfitPayload('DownloadRefused', `Cannot fetch ${url}: ${why}.`, hint);
  }
  return { kind: 'CutOff', why };
}

async function receive({ host, url, file, tell }: Download, got: Got, { header, body }: Opened): Promise<End> {
  const rest = Number(header('content-length') ?? Number.NaN);
  const totalBytes = got.sizeBytes + rest;
  if (rest > (await host.freeBytes(file))) {
    body.destroy();
    const message = `Cannot fetch ${url}: it needs ${inMegabytes(rest)} more, and the node has ${inMegabytes(await host.freeBytes(file))} free.`;
    throw new UnfitPayload(
      'NoDiskSpace',
      message,
      'Make room where /opt/bulkhead is, or keep the node out by spec.nodes.selector.',
    );
  }
  let { sizeBytes } = got;
  let toldMs = host.nowMs();
  let cutOff: unknown;
  async function* counted() {
    try {
      for await (const chunk of releasing(body)) {
        got.hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
        if (host.nowMs() - toldMs < tellEveryMs) continue;
        toldMs = host.nowMs();
        tell(`fetched ${inMegabytes(sizeBytes)} of ${inMegabytes(totalBytes)} from ${url}`);
      }
    } catch (error) {
      cutOff = error;
    }
  }
  await host.append(file, counted(), fileMode);
  if (cutOff === undefined && !(sizeBytes < totalBytes)) return { kind: 'Whole', hash: got.hash };
  const why = cutOff === undefined ? '' : ` (${messageOf(cutOff)})`;
  return { kind: 'CutOff', why: `it was cut off after ${sizeBytes} bytes${why}` };
}

/** A wrong file is removed: to go on from it would never come right. */
async function judge({ host, url, file, digest }: Download, hash: Hash): Promise<void> {
  const got = hash.digest('hex');
  if (got === digest.hex) return;
  const head = await readHead(host, file);
  await host.removeFile(file);
  throw digestWrong(url, digest, got, head);
}

/** @param got what the digest is, and `head` what the file begins with */
export function digestWrong(url: string, { algorithm, hex }: Digest, got: string, head: Uint8Array): UnfitPayload {
  const message = `Cannot use ${url}: its ${algorithm} is ${got.slice(0, 12)}… and not ${hex.slice(0, 12)}…; it is ${describeHead(head)}.`;
  return new UnfitPayload(
    'PayloadDigestWrong',
    message,
    'Correct URL or digest in spec.payload.sources; if both are right, somebody has changed the file.',
  );
}

export async function hashFile(host: Host, file: string, { algorithm }: Digest): Promise<Got> {
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  if ((await host.stat(file)) === undefined) return { hash, sizeBytes };
  for await (const chunk of releasing(host.readChunks(file))) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { hash, sizeBytes };
}

function isRight(hash: Hash, { hex }: Digest): boolean {
  return hash.copy().digest('hex') === hex;
}

export async function readHead(host: Host, file: string): Promise<Uint8Array> {
  if ((await host.stat(file)) === undefined) return new Uint8Array();
  for await (const chunk of host.readChunks(file)) return chunk.subarray(0, headBytes);
  return new Uint8Array();
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  // What Node advises to do is about how it was started.
  return error instanceof Error ? error.message.replace(/; if the root CA is installed.*$/, '') : String(error);
}

function inMegabytes(bytes: number): string {
  return Number.isNaN(bytes) ? 'an unknown size' : `${Math.ceil(bytes / 1e6)} MB`;
}
