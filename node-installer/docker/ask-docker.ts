// Asks a Docker daemon over its API socket: version and runtimes. Its cri-dockerd would answer from a cache of a minute.
import { request } from 'node:http';
import { z } from 'zod';
import { lateAnswer } from '../cri/late-answer.ts';
import type { CriAnswer } from '../host/host.ts';

const info = z.object({ ServerVersion: z.string(), Runtimes: z.record(z.string(), z.unknown()) });

/**
 * *Errors*: none; a daemon that does not answer in time is a `Silent` answer that says why.
 * *Source*: Docker Engine API, `GET /info`.
 */
export async function askDocker(socket: string, timeoutMs: number): Promise<CriAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { ServerVersion, Runtimes } = info.parse(JSON.parse(await get(socket, '/info', signal)));
    return {
      kind: 'Answered',
      engineName: 'docker',
      engineVersion: ServerVersion,
      runtimeReady: true,
      notReadyBecause: '',
      handlers: Object.keys(Runtimes),
    };
  } catch (error) {
    if (signal.aborted) return lateAnswer(timeoutMs);
    return { kind: 'Silent', why: error instanceof Error ? error.message : String(error) };
  }
}

function get(socketPath: string, path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, host: 'docker', signal }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part: string) => (text += part));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text.trim()))));
      response.on('error', reject);
    });
    asked.on('error', reject).end();
  });
}
