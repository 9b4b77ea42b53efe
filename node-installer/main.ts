// The installer's command line: `node-installer <step> [--host-root /host] [--work …] [--payload …] [--report …]`.
// Exit code 0 whenever there is a report, whatever it says; 1 for a bug; 2 for a wrong command line.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { containerPaths, taskVariable } from '../crds/names.ts';
import { planText } from '../crds/node-plan.ts';
import { nodeSteps, serializeReport, type NodeReport, type NodeStep } from '../crds/node-report.ts';
import { realHost } from './host/real-host.ts';
import { readOutcome, writeOutcome } from './outcome-file.ts';
import { payloadIn } from './payload/source.ts';
import { runStep } from './run-step.ts';

const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));

const options = {
  'host-root': { type: 'string', default: containerPaths.host },
  work: { type: 'string', default: containerPaths.work },
  payload: { type: 'string', default: containerPaths.payload },
  report: { type: 'string', default: '/dev/termination-log' },
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const command = parseCommand();
  if (!command) return 2;
  const { step, values } = command;
  const before = isAlone(step) ? undefined : await readOutcome(values.work);
  const { report, note } = await runStep(step, {
    host: realHost(values['host-root'], undefined, values.work),
    payload: payloadIn(values.payload),
    tell: (text) => log.info({ step, detail: text }, 'step goes on'),
    taskText: process.env[taskVariable],
    before,
  });
  if (!isAlone(step)) await writeOutcome(values.work, note);
  writeFileSync(values.report, serializeReport(report));
  tell(report);
  if (report.plan) process.stdout.write(`${planText(report.plan)}\n`);
  return 0;
}

/** Probe and plan are pods of their own, with a root file system that they cannot write to. */
function isAlone(step: NodeStep): boolean {
  return step === 'probe' || step === 'plan';
}

function parseCommand() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const step = nodeSteps.find((name) => name === positionals[0]);
    if (step && positionals.length === 1) return { step, values };
    log.error({ steps: nodeSteps }, 'Cannot tell which step to run: name exactly one of the steps.');
  } catch (error) {
    log.error({ err: error }, 'Cannot read the command line.');
  }
  return undefined;
}

/** `info` is for what changed, `debug` for nothing to do, `error` for what a person must look at. */
function tell({ step, outcome, reason, message, hint, durationMs, engineRestarts }: NodeReport): void {
  const fields = { step, outcome, reason, detail: message, hint, durationMs, engineRestarts };
  if (outcome === 'done') log.info(fields, 'step done');
  else if (outcome === 'unchanged' || outcome === 'skipped') log.debug(fields, 'step had nothing to do');
  else log.error(fields, 'step did not succeed');
}
