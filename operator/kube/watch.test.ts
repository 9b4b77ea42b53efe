import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectList, WatchEvent } from './client.ts';
import { KubeError } from './kube-error.ts';
import { resources } from './resource.ts';
import { Store } from './store.ts';
import { keepWatching } from './watch.ts';

const object = (name: string, resourceVersion: number) =>
  ({ metadata: { name, resourceVersion: String(resourceVersion) } }) as KubeObject;

type Script = { lists: (ObjectList | KubeError)[]; watches: (WatchEvent | KubeError)[][] };

/** Plays the script, then aborts. */
async function run(script: Script) {
  const stop = new AbortController();
  const store = new Store((raw) => raw.metadata.name);
  const asked: string[] = [];
  const client = {
    async list() {
      asked.push('list');
      const answer = script.lists.shift();
      if (answer instanceof KubeError) throw answer;
      return answer ?? stopping();
    },
    async *watch(_: unknown, { resourceVersion }: { resourceVersion: string }) {
      asked.push(`watch ${resourceVersion}`);
      const events = script.watches.shift();
      if (!events) stopping();
      for (const event of events ?? []) {
        if (event instanceof KubeError) throw event;
        yield event;
      }
    },
  };
  const stopping = (): ObjectList => {
    stop.abort();
    throw stop.signal.reason;
  };
  const target = { resource: resources.nodes, selection: {}, store, onTrouble: () => {} };
  await keepWatching(client, target, stop.signal);
  return { names: store.list(), asked };
}

describe('keepWatching()', () => {
  it('goes on from the last event after a cut', async () => {
    const { names, asked } = await run({
      lists: [{ items: [object('a', 1)], resourceVersion: '5' }],
      watches: [[{ type: 'ADDED', object: object('b', 6) }, new KubeError('Unavailable', 'reset')], []],
    });
    expect(names).toEqual(['a', 'b']);
    expect(asked).toEqual(['list', 'watch 5', 'watch 6', 'watch 6']);
  });

  it('goes on from a bookmark', async () => {
    const { asked } = await run({
      lists: [{ items: [], resourceVersion: '5' }],
      watches: [[{ type: 'BOOKMARK', object: object('', 90) }]],
    });
    expect(asked).toEqual(['list', 'watch 5', 'watch 90']);
  });

  it('lists again when its resourceVersion is too old, and drops what has gone meanwhile', async () => {
    const { names, asked } = await run({
      lists: [
        { items: [object('a', 1)], resourceVersion: '5' },
        { items: [object('b', 9)], resourceVersion: '9' },
      ],
      watches: [[new KubeError('Gone', 'too old')], []],
    });
    expect(names).toEqual(['b']);
    expect(asked).toEqual(['list', 'watch 5', 'list', 'watch 9', 'watch 9']);
  });

  it('survives a server that refuses lists at first', async () => {
    const { names } = await run({
      lists: [new KubeError('Unavailable', '503'), { items: [object('a', 1)], resourceVersion: '5' }],
      watches: [],
    });
    expect(names).toEqual(['a']);
  });
});
