// Command line of the builder: `node hack/build.ts <name>…` builds artifacts and prints their folders; no name builds all.

import { ensureAll } from './build/ensure.ts';
import { observeHost } from './build/host.ts';
import { recipesFor, type ArtifactName } from './build/recipes.ts';
import { progress } from './progress.ts';

const known = Object.keys(recipesFor(await observeHost())) as ArtifactName[];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.some((artifact) => artifact === name));

if (unknown.length > 0) {
  console.error(`Cannot build ${unknown.join(', ')}: there is no such artifact. Known are ${known.join(', ')}.`);
  process.exitCode = 1;
} else {
  const names = asked.length > 0 ? known.filter((name) => asked.includes(name)) : known;
  try {
    const folders = await ensureAll(names, progress('build'));
    for (const [name, folder] of Object.entries(folders)) console.log(`${name}\t${folder}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
