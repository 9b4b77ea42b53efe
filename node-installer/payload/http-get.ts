// Opens a URL for reading: redirects followed, the environment's proxy used, the host's certificate authorities trusted too.
import { type IncomingMessage, Agent as HttpAgent, get as httpGet } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { getCACertificates } from 'node:tls';
import { UnfitPayload } from './unfit-payload.ts';

export type Opened = {
  readonly status: number;
  readonly statusText: string;
  readonly header: (name: string) => string | undefined;
  readonly body: IncomingMessage;
};

const maxRedirects = 5;
/** Between two pieces of the answer, not for the whole. */
const silenceMs = 60_000;

/** @param authorities PEM certificates of the host, beside those that Node brings */
export async function openUrl(
  url: string,
  headers: Readonly<Record<string, string>>,
  authorities: readonly string[],
): Promise<Opened> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await request(at, headers, authorities);
    const { statusCode: status = 0, statusMessage: statusText = '', headers: got } = response;
    if (![301, 302, 303, 307, 308].includes(status) || got.location === undefined) {
      const header = (name: string) => [got[name]].flat()[0];
      return { status, statusText, header, body: response };
    }
    response.resume();
    at = new URL(got.location, at);
  }
  throw new UnfitPayload('DownloadRefused', `Cannot fetch ${url}: it redirects more than ${maxRedirects} times.`);
}

function request(
  url: URL,
  headers: Readonly<Record<string, string>>,
  authorities: readonly string[],
): Promise<IncomingMessage> {
  // *Source*: Node 24.5 and later: `proxyEnv` reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case.
  const proxyEnv = process.env;
  const agent =
    url.protocol === 'https:'
      ? new HttpsAgent({ proxyEnv, ca: [...getCACertificates('default'), ...authorities] })
      : new HttpAgent({ proxyEnv });
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent, headers, timeout: silenceMs }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${silenceMs / 1000} s`)));
    sent.on('error', reject);
  });
}
