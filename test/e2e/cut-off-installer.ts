// Runs steps of the installer on the host it is on, and kills itself right before one call of the host port.
// A test bundles it and runs it inside a node: `node cut-off-installer.mjs <steps, with commas> [<the call>]`.
import { realHost } from '../../node-installer/host/real-host.ts';
import type { Host } from '../../node-installer/host/host.ts';
import type { NodeStep } from '../../crds/node-report.ts';
import { runSteps } from '../node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../node-installer/tiny-payload.ts';

const [steps = '', cutBefore] = process.argv.slice(2);

function cutOff(host: Host): Host {
  if (cutBefore === undefined) return host;
  return new Proxy(host, {
    get: (target, name, receiver) => {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (`${String(name)} ${String(args[0])}` === cutBefore) process.kill(process.pid, 'SIGKILL');
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

const reports = await runSteps(cutOff(realHost('/')), tinyPayload(), tinyTask(), steps.split(',') as NodeStep[]);
console.log(JSON.stringify(reports.map(({ outcome, reason, message }) => ({ outcome, reason, message }))));
