// A client that can be killed: after that nothing it is asked to do reaches the API server. It also counts what it wrote.
import type { KubeClient } from '../../../operator/kube/client.ts';

export type MortalClient = KubeClient & {
  /** Writes that the API server carried out, without leases and events. */
  readonly writes: readonly string[];
  kill(): void;
};

/** @param onWritten told after the write has happened and before the operator knows; may kill */
export function mortal(client: KubeClient, onWritten: (writes: number) => void = () => undefined): MortalClient {
  const writes: string[] = [];
  let dead = false;
  const alive = () => {
    if (dead) throw new Error('killed');
  };
  const counted =
    <A extends [{ readonly plural: string }, ...unknown[]], R>(verb: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      alive();
      const answer = await call(...args);
      const { plural } = args[0];
      if (plural === 'leases' || plural === 'events') return answer;
      const [, object] = args;
      const name = typeof object === 'string' ? object : (object as { metadata: { name: string } }).metadata.name;
      writes.push(`${verb} ${plural}/${name}`);
      onWritten(writes.length);
      alive();
      return answer;
    };
  const read =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      alive();
      return call(...args);
    };
  return {
    writes,
    kill: () => void (dead = true),
    list: read(client.list),
    get: read(client.get),
    watch: (...args) => {
      alive();
      return client.watch(...args);
    },
    create: counted('create', client.create),
    update: counted('update', client.update),
    apply: counted('apply', client.apply),
    delete: counted('delete', client.delete),
  };
}
