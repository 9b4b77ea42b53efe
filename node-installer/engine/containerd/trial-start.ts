// A trial start of containerd: what is hidden from it, the script that starts and ends it, and what its log says.
import type { TomlTable } from 'smol-toml';

/** Sockets, state and data of the containerd that runs, and plugins that act on the host; where they are there. */
export const usualFolders: readonly string[] = ['/run', '/var/run', '/var/lib/containerd', '/opt/nri'];

/**
 * Folders that the trial must not see, so that it finds no socket, no snapshot and no plugin of the running containerd;
 * a snapshotter behind a socket would be emptied by the trial's garbage collector, which knows of no snapshot.
 * `undefined` when one of them holds what the trial needs.
 */
export function hiddenFolders(dump: TomlTable, needed: readonly string[]): string[] | undefined {
  const folders = [...new Set([...usualFolders, ...pathsIn(dump)])];
  const isIn = (path: string, folder: string) => folder === '/' || path.startsWith(`${folder}/`);
  if (folders.some((folder) => needed.some((path) => isIn(path, folder)))) return undefined;
  return folders.filter((folder) => !folders.some((other) => isIn(folder, other)));
}

const folderKeys = ['root', 'state', 'root_path', 'plugin_path'];
const socketKeys = ['address', 'socket_path'];

/** *Source*: containerd's config: its own root and state, the snapshotters' `root_path`, every socket, NRI's plugins. */
function pathsIn(table: TomlTable): string[] {
  return Object.entries(table).flatMap(([key, value]) => {
    if (typeof value === 'object' && !Array.isArray(value)) return pathsIn(value as TomlTable);
    if (typeof value !== 'string') return [];
    const path = value.replace(/^unix:\/\//, '');
    if (!path.startsWith('/')) return [];
    if (folderKeys.includes(key)) return [path.replace(/(.)\/+$/, '$1')];
    return socketKeys.includes(key) ? [path.slice(0, path.lastIndexOf('/')) || '/'] : [];
  });
}

const exitCodes = { notTried: 9, endedEarly: 10 } as const;

/**
 * Arguments: an empty folder, the program, the config (none for containerd's own defaults), the folders to hide.
 * To be run in mount, network and PID namespaces of its own. It writes to memory alone, ends within 10 s, and prints containerd's log.
 */
export const trialScript = `at=$1 program=$2 config=$3
shift 3
for folder in "$@" "$at"; do
  [ ! -d "$folder" ] || mount -t tmpfs none "$folder" || exit ${exitCodes.notTried}
done
# The node's addresses are not in this namespace, and loopback is down.
echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind || exit ${exitCodes.notTried}
[ ! -d /proc/sys/net/ipv6 ] || echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
if [ -z "$config" ]; then
  config=$at/config.toml
  echo 'version = 2' > "$config"
fi
"$program" --config "$config" --log-level info --root "$at/root" --state "$at/state" --address "$at/sock" > "$at/log" 2>&1 &
pid=$!
tenths=0
while kill -0 $pid 2>/dev/null && [ $tenths -lt 100 ]; do
  case $(cat "$at/log") in *'successfully booted'*) break ;; esac
  sleep 0.1
  tenths=$((tenths + 1))
done
cat "$at/log"
kill -KILL $pid 2>/dev/null || exit ${exitCodes.endedEarly}
`;

export type TrialVerdict =
  | { readonly kind: 'Serves' }
  | { readonly kind: 'Dead'; readonly why: string }
  /** It could not be kept apart, took too long, or misses what is hidden from it. */
  | { readonly kind: 'Unknown' };

/** *Source*: containerd `cmd/containerd/server`: a plugin that fails is a line of the log, in logfmt or JSON, and 1.x has its id in the message. */
export function judgeTrial(
  { exitCode, stdout }: { readonly exitCode: number; readonly stdout: string },
  hidden: readonly string[],
): TrialVerdict {
  const dead = (what: string, line = ''): TrialVerdict => {
    const why = wordsOf(line);
    return isOfTrial(why, hidden) ? { kind: 'Unknown' } : { kind: 'Dead', why: `${what} (${why})` };
  };
  const lines = stdout.trim().split('\n');
  if (exitCode === exitCodes.endedEarly) return dead('containerd does not start', lines.at(-1));
  if (exitCode !== 0 || !stdout.includes('successfully booted')) return { kind: 'Unknown' };
  const isFailure = (line: string) =>
    line.includes('failed to load plugin') && line.includes('io.containerd.grpc.v1.cri');
  const failure = lines.find(isFailure);
  return failure === undefined ? { kind: 'Serves' } : dead('its CRI does not start', failure);
}

/** The trial alone may lack the data of snapshotters, what is in a hidden folder, and a network with addresses and routes. */
function isOfTrial(why: string, hidden: readonly string[]): boolean {
  return (
    /snapshotter|stream server|\b(listen|dial|route)/i.test(why) || hidden.some((folder) => why.includes(`${folder}/`))
  );
}

/** The error in a line of the log, or the whole of a line that is none. */
function wordsOf(line: string): string {
  const quoted = /\berror"?[=:]("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return quoted === undefined ? line.replace(/^containerd: /, '') : String(JSON.parse(quoted));
}
