// Puts the project's images and its operator onto a cluster that is up. It asks for no runtime.

import { installYaml } from '../../charts/install.ts';
import type { InstallValues } from '../../charts/values.ts';
import { namespace, operatorServiceAccount } from '../../crds/names.ts';
import { loadImages, type Cluster } from '../cluster/cluster-up.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { buildImages, type BuiltImages } from '../images/build.ts';
import { timed, type Say } from '../progress.ts';

/** Builds and loads what has changed, applies the manifests, and waits until the operator answers. */
export const deployOperator = async (cluster: Cluster, say: Say, options: StartOptions = {}): Promise<BuiltImages> => {
  // Nodes that are containers cannot run the others, and krun's takes minutes to build.
  const images = await buildImages(say, { families: ['gvisor'] });
  await loadImages(cluster, images.tars, say);
  await startOperator(cluster.kubectl, images, say, options);
  return images;
};

type StartOptions = {
  readonly timeoutSeconds?: number;
  /** Of the operator, beyond what the manifests set. */
  readonly env?: InstallValues['env'];
};

/** For nodes that have the images. */
export const startOperator = async (
  kubectl: Kubectl,
  images: BuiltImages,
  say: Say,
  { timeoutSeconds = 120, env }: StartOptions = {},
): Promise<void> => {
  const manifests = installYaml({
    namespace,
    operatorImage: images.operator,
    installerImage: images.installer,
    payloadRepository: images.payloadRepository,
    pauseImage: await pauseImageOf(kubectl),
    replicas: 1,
    ...(env === undefined ? {} : { env }),
  });
  const deployment = `deployment/${operatorServiceAccount}`;
  await timed(say, 'starting the operator', async () => {
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifests);
    await kubectl(['-n', namespace, 'rollout', 'status', deployment, `--timeout=${timeoutSeconds}s`]);
  });
};

interface NodeList {
  readonly items: readonly {
    readonly status: { readonly images?: readonly { readonly names?: readonly string[] }[] };
  }[];
}

/** The sandbox image that the nodes have already. */
const pauseImageOf = async (kubectl: Kubectl): Promise<string> => {
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as NodeList;
  const names = items.flatMap(({ status }) => (status.images ?? []).flatMap((image) => image.names ?? []));
  const pause = names.find((name) => /\/pause:[^@]+$/.test(name));
  if (pause === undefined) throw new Error('Cannot choose the pause image: no node reports one among its images.');
  return pause;
};
