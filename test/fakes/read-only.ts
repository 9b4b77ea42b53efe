// A host without the parts that change it: what uses them fails.
import type { Host } from '../../node-installer/host/host.ts';

export function readOnly(host: Host): Host {
  const never = (name: string) => async () => {
    throw new Error(`The host was to be left alone, and ${name} was called.`);
  };
  const writes = [
    'makeFolder',
    'writeNew',
    'append',
    'makeLink',
    'replace',
    'rename',
    'removeFile',
    'removeTree',
    'removeEmptyFolder',
    'restartService',
    'systemctl',
    'lock',
  ] as const;
  return { ...host, ...Object.fromEntries(writes.map((name) => [name, never(name)])) };
}
