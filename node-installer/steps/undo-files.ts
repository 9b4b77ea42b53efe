// What the dead man's switch puts on the host, as data: saved bytes, a script that needs only a shell, two systemd units.
import { hostPaths } from '../../crds/names.ts';

/** A file as it was before the change; absent text is an absent file. */
export type Saved = { readonly path: string; readonly before: string | undefined };

export const switchName = 'bulkhead-undo';
export const armedPath = `${hostPaths.undo}/armed`;
export const savedPath = `${hostPaths.undo}/files.json`;
export const scriptPath = `${hostPaths.undo}/undo.sh`;
export const servicePath = `${hostPaths.units}/${switchName}.service`;
export const timerPath = `${hostPaths.units}/${switchName}.timer`;

/** An installer that lives puts a change back by itself; with this, and a restart, the node is back within 120 s. */
const delaySeconds = 90;

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

export const timerText = `[Unit]
Description=Bulkhead: fires unless the change of the container engine's config holds

[Timer]
OnActiveSec=${delaySeconds}
AccuracySec=1s
`;

/**
 * Puts every file back as a whole, restarts the engine, and takes the switch away.
 * The braces make the shell read all of it first, since it deletes itself. `--no-block`, since at boot the engine waits for it.
 */
export function scriptText(saved: readonly Saved[], engineUnit: string): string {
  const lines = saved.map(({ path, before }, index) =>
    before === undefined ? `rm -f ${quote(path)}` : `put ${bytesPath(index)} ${quote(path)}`,
  );
  return `#!/bin/sh
# Written by Bulkhead before it changed the config of ${engineUnit}; does something only while ${armedPath} is there.
put() {
  cp -p "$2" "$2.bulkhead-undo" 2>/dev/null
  cat "$1" > "$2.bulkhead-undo" && mv -f "$2.bulkhead-undo" "$2"
}
{
  [ -e ${armedPath} ] || exit 0
  ${lines.join('\n  ')}
  sync
  rm -f ${armedPath}
  systemctl --no-block restart ${quote(engineUnit)}
  systemctl --no-block stop ${switchName}.timer
  rm -f ${hostPaths.units}/multi-user.target.wants/${switchName}.service ${servicePath} ${timerPath}
  rm -rf ${hostPaths.undo}
  systemctl --no-block daemon-reload
  exit 0
}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
