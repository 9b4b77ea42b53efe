// The operator's process: environment in, signals in, exit code out.
import { KubeConfig } from '@kubernetes/client-node';
import { pino } from 'pino';
import { catalogue } from '../runtime/catalogue.ts';
import { parseConfig } from './config.ts';
import { serveHealth } from './health.ts';
import { connect } from './kube/client.ts';
import { runOperator } from './operator.ts';

const config = parseConfig(process.env);
const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const health = await serveHealth(config.healthPort);

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

// A standby is ready too: it can take over.
health.setReady(true);
await runOperator({ ...config, client: connect(kubeConfig), catalogue, log, nowMs: Date.now }, stop.signal);
health.setReady(false);
await health.close();
process.exit(0);
