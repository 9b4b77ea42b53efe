// Command line of the payload builder: upstream's archives in, an OCI image for a registry out. It pushes nothing.
import { UnfitPayload } from '../node-installer/payload/unfit-payload.ts';
import { machine } from './image/describe-image.ts';
import { gatherIngredients } from './images/gather-ingredients.ts';
import type { Payload } from './images/image-plan.ts';
import { buildPayloadImage } from './payload-image/build-payload-image.ts';
import { payloadCommand } from './payload-image/payload-command.ts';
import { progress } from './progress.ts';

const say = progress('payload');

try {
  const command = payloadCommand(process.argv.slice(2), machine);
  const { name, digest, payloads } = await buildPayloadImage(command, {
    say,
    ingredients: () => gatherIngredients(say),
  });
  for (const payload of payloads) describe(payload);
  console.log(`${command.out}\t${name}\t${digest}`);
} catch (error) {
  if (!(error instanceof UnfitPayload)) throw error;
  console.error(`${error.reason}: ${error.message}${error.reason === 'CommandWrong' ? `\n${error.hint}` : ''}`);
  process.exitCode = 1;
}

function describe({ manifest, parts, comment }: Payload): void {
  for (const { name, version, license = 'no licence declared', isOrigin } of parts) {
    if (!isOrigin) say(`${manifest.arch}: ${name} ${version} (${license})`);
  }
  if (comment !== undefined) say(`${manifest.arch}: ${comment}`);
}
