// A runtime's own config as an entry of spec.handlers changes it: files laid over it and additions to it, or what is wrong.
import { parse } from 'smol-toml';
import { type HandlerTask, type NodeTask, overridesOf } from '../../crds/node-task.ts';
import type { SandboxRuntimeHandler } from '../../crds/sandbox-runtime.ts';
import type { ConfigAddition, ConfigOptions, Variant } from '../../runtime/family.ts';
import { invalid, type InvalidSpec } from './invalid-spec.ts';

export type HandlerConfig = {
  readonly kind: 'Config';
  readonly task: HandlerTask;
  readonly files: NodeTask['generatedFiles'];
};

export function handlerConfig(
  handler: SandboxRuntimeHandler,
  { options }: Variant,
  task: HandlerTask,
): HandlerConfig | InvalidSpec {
  const { config } = task;
  if (!options || !config) {
    const field = fieldsUsed(handler)[0];
    if (field === undefined) return { kind: 'Config', task, files: [] };
    const message = `The handler ${handler.name} has no config of its own that ${field} could change.`;
    return invalid('ConfigNotSupported', message, `Take ${field} out of the handler in spec.handlers.`);
  }
  const wrong = handler.config === undefined ? undefined : judge(handler.name, handler.config, options);
  if (wrong) return wrong;
  const { texts, additions } = changes(handler, options);
  const files = texts.map(([name, text]) => ({ path: `${overridesOf(config.to)}/${name}`, text }));
  return {
    kind: 'Config',
    files,
    task: { ...task, ...(additions.length > 0 && { config: { ...config, additions } }) },
  };
}

function fieldsUsed({ config, allowedAnnotations, debug, guest }: SandboxRuntimeHandler): string[] {
  const used = { config, allowedAnnotations, debug: debug || undefined, guest };
  return Object.entries(used).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** *Source*: Kata's shims read the files in the order of their names; the admin's has the last word. */
function changes(
  { config, allowedAnnotations, debug, guest = {} }: SandboxRuntimeHandler,
  options: ConfigOptions,
): { texts: (readonly [name: string, text: string])[]; additions: ConfigAddition[] } {
  const pull = guest.pullImages ? options.guestPull : undefined;
  const { httpsProxy, noProxy } = guest;
  const parameters = [
    ...(httpsProxy === undefined ? [] : [`agent.https_proxy=${httpsProxy}`]),
    ...(noProxy === undefined ? [] : [`agent.no_proxy=${noProxy}`]),
    ...(debug ? ['agent.log=debug'] : []),
  ];
  return {
    texts: [
      ...(debug ? [['20-debug.toml', options.debug] as const] : []),
      ...(pull && 'text' in pull ? [['25-guest-pull.toml', pull.text] as const] : []),
      ...(config === undefined ? [] : [['50-user.toml', config] as const]),
    ],
    additions: [
      ...(pull && 'at' in pull ? [pull] : []),
      ...(allowedAnnotations ? [options.allowAnnotations(allowedAnnotations)] : []),
      ...(parameters.length > 0 ? [options.kernelParameters(parameters)] : []),
    ],
  };
}

function judge(handler: string, text: string, { objection }: ConfigOptions): InvalidSpec | undefined {
  const settings = settingsOf(text);
  if (typeof settings === 'string') {
    const message = `The config of the handler ${handler} is no TOML: ${settings}.`;
    return invalid('ConfigUnreadable', message, 'Correct config in spec.handlers.');
  }
  const objections = settings.flatMap((setting) => {
    const why = objection(setting);
    return why === undefined ? [] : [`${setting.join('.')} is set, but ${why}`];
  });
  if (objections.length === 0) return undefined;
  const message = `The config of the handler ${handler} would mean nothing: ${objections.join('; ')}.`;
  return invalid('UnknownConfigKey', message, 'Correct config in spec.handlers.');
}

/** The paths of everything that is set; a text when it is no TOML. */
function settingsOf(text: string): string[][] | string {
  try {
    return leaves(parse(text, { integersAsBigInt: 'asNeeded' }));
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

function leaves(table: object): string[][] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) => {
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    return isTable ? leaves(value).map((path) => [key, ...path]) : [[key]];
  });
}
