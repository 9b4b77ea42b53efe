// What the dead man's switch puts on the host, as data: saved bytes, a script that needs only a shell, two systemd units.
import { hostPaths } from '../../crds/names.ts';

/** A file as it was before the change; absent text is an absent file. */
export type Saved = { readonly path: string; readonly before: string | undefined };

/** How an engine is made to load its config. */
export type LoadedEngine = { readonly unit: string; readonly reloads: boolean };

/** Removals first: they give the bytes free that the others need on a disk that is full. */
export function restoringOrder(saved: readonly Saved[]): Saved[] {
  const reversed = saved.toReversed();
  return [
    ...reversed.filter(({ before }) => before === undefined),
    ...reversed.filter(({ before }) => before !== undefined),
  ];
}

export const switchName = 'bulkhead-undo';
export const armedPath = `${hostPaths.undo}/armed`;
export const savedPath = `${hostPaths.undo}/files.json`;
export const scriptPath = `${hostPaths.undo}/undo.sh`;
export const servicePath = `${hostPaths.units}/${switchName}.service`;
export const timerPath = `${hostPaths.units}/${switchName}.timer`;

/** An installer that lives puts a change back by itself in this time; with it, and a restart, a plain node is back within 120 s. */
export function undoDelaySeconds(patienceMs: number): number {
  return 60 + patienceMs / 1000;
}

/** Where the bytes of the n-th saved file lie. */
export const bytesPath = (index: number): string => `${hostPaths.undo}/${index}`;

/**
 * Runs at boot when a change was cut off by a power failure, before the engine starts, and by the timer otherwise.
 * It is not wanted by the engine's own unit: then each restart of the engine would start it.
 */
export function serviceText(engineUnit: string): string {
  return `[Unit]
Description=Bulkhead: puts the config of ${engineUnit} back after a change that was cut off
Before=${engineUnit}
ConditionPathExists=${armedPath}

[Service]
Type=oneshot
ExecStart=/bin/sh ${scriptPath}

[Install]
WantedBy=multi-user.target
`;
}

/** Again and again: a disk that does not take the old bytes now may take them later. */
export const timerText = (delaySeconds: number): string => `[Unit]
Description=Bulkhead: fires unless the change of the container engine's config holds

[Timer]
OnActiveSec=${delaySeconds}
OnUnitInactiveSec=30
AccuracySec=1s
`;

/** Longer than an installer that lives can take for a change and its rollback, by the deadlines of its waits. */
const lockWaitSeconds = 400;

/**
 * Puts every file back as a whole, has the engine load them, and takes the switch away; all of it while no installer is at work.
 * What cannot be put back stays saved, and is tried again.
 * The braces make the shell read all of it first, since it deletes itself. `--no-block`, since at boot the engine waits for it.
 */
export function scriptText(saved: readonly Saved[], { unit, reloads }: LoadedEngine): string {
  const lines = restoringOrder(saved).map(({ path, before }) =>
    before === undefined
      ? `rm -f ${quote(path)} || again`
      : `put ${bytesPath(saved.findIndex((file) => file.path === path))} ${quote(path)} || again`,
  );
  return `#!/bin/sh
# Written by Bulkhead before it changed the config of ${unit}; does something only while ${armedPath} is there.
put() {
  cmp -s "$1" "$2" 2>/dev/null && return
  cp -p --preserve=context "$2" "$2.bulkhead-undo" 2>/dev/null || cp -p "$2" "$2.bulkhead-undo" 2>/dev/null
  cat "$1" > "$2.bulkhead-undo" && mv -f "$2.bulkhead-undo" "$2" && return
  rm -f "$2.bulkhead-undo"
  return 1
}
again() {
  systemctl --no-block start ${switchName}.timer
  exit 1
}
${lockText}{
  lock
  [ -e ${armedPath} ] || exit 0
  ${lines.join('\n  ')}
  sync
  rm -f ${armedPath} || again
  systemctl --no-block ${reloads ? 'reload' : 'restart'} ${quote(unit)}
  systemctl --no-block stop ${switchName}.timer
  rm -f ${hostPaths.units}/multi-user.target.wants/${switchName}.service ${servicePath} ${timerPath}
  rm -rf ${hostPaths.undo}
  systemctl --no-block daemon-reload
  exit 0
}
`;
}

/**
 * The installers' lock, by their rules: the file goes while it is held, so a file that is there no more is not the lock.
 * A host without flock(1) waits until the kernel knows of no holder.
 * *Source*: proc_locks(5): the file is given as `<device>:<inode>`.
 */
const lockText = `lock() {
  if command -v flock >/dev/null; then
    until [ "$held" ]; do
      exec 9>>${hostPaths.lock}
      flock -w ${lockWaitSeconds} 9 || return
      [ /proc/self/fd/9 -ef ${hostPaths.lock} ] && held=yes
    done
    trap 'rm -f ${hostPaths.lock}' EXIT
    return
  fi
  waited=0
  while [ -e ${hostPaths.lock} ] && [ $waited -lt ${lockWaitSeconds} ]; do
    inode=$(ls -i ${hostPaths.lock})
    case $(cat /proc/locks) in *":\${inode%% *} "*) ;; *) return ;; esac
    sleep 1
    waited=$((waited + 1))
  done
}
`;

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
