// Distributions that write the root config of their containerd themselves, and the ways in that each leaves. It reads nothing.

export type ConfigOwner = {
  /** Folders that the root may import, in the order of preference. */
  readonly dropInFolders: readonly string[];
  /** What the root is rendered from at each start: the first that is there. */
  readonly templates: readonly Template[];
  /** A folder that the distribution watches: after a change in it, it restarts the engine by itself. */
  readonly watchedFolder?: string;
  /** What helps when neither way is open, in one sentence. */
  readonly whenClosed: string;
};

export type Template = {
  readonly path: string;
  /** Schema of the root that comes from it. */
  readonly schema: number;
  /** What is the same as no such file; absent where there always is one. */
  readonly initial?: string;
};

/** By the path of the root config, which its process names, and by its text. */
export function configOwner(configPath: string, rootText: string): ConfigOwner | undefined {
  const rancher = /^(.+\/agent\/etc\/containerd)\/config\.toml$/.exec(configPath)?.[1];
  if (rancher !== undefined) return k3s(rancher);
  const microk8s = /^(\/var\/snap\/microk8s\/[^/]+\/args)\/containerd\.toml$/.exec(configPath)?.[1];
  if (microk8s !== undefined) return microK8s(microk8s);
  return configPath === '/etc/k0s/containerd.toml' && rootText.startsWith(`${k0sMark}\n`) ? k0s : undefined;
}

/**
 * *Source*: K3s `pkg/agent/containerd/config.go` and `pkg/agent/templates` (RKE2 is built from them): `config.toml` is rendered from a
 * template, or from what is built in. Since February 2026 (k3s#13680) that imports the folders; before, and with a template, it need
 * not. A template may call what is built in and go on with tables. One of ours has no `imports`: where the built-in has them too,
 * containerd would no longer start after an upgrade of K3s.
 */
function k3s(folder: string): ConfigOwner {
  const initial = '# Written by Bulkhead, and removed with its last handler.\n{{ template "base" . }}\n';
  return {
    dropInFolders: [`${folder}/config-v3.toml.d`, `${folder}/config.toml.d`],
    templates: [
      { path: `${folder}/config-v3.toml.tmpl`, schema: 3, initial },
      { path: `${folder}/config.toml.tmpl`, schema: 2, initial },
    ],
    whenClosed: `Look what is in ${folder}.`,
  };
}

/** *Source*: MicroK8s `run-containerd-with-args`: sed puts values in place of the `${…}` of the template. The folder outlives a refresh of the snap. */
function microK8s(folder: string): ConfigOwner {
  return {
    dropInFolders: [],
    templates: [{ path: `${folder}/containerd-template.toml`, schema: 2 }],
    whenClosed: `Put ${folder}/containerd-template.toml back; MicroK8s does not start without it.`,
  };
}

/** Who takes this line out has the file for himself. */
const k0sMark = '# k0s_managed=true';

/**
 * *Source*: k0s `pkg/component/worker/containerd`: since 1.36 the root imports the folder, k0s watches it and restarts containerd 3 s
 * after a change; a file of schema 2 in it, or one with the CRI's old plugin id, keeps k0s from starting. Before, it merged files of
 * just that kind into a config of its own.
 */
const k0s: ConfigOwner = {
  dropInFolders: ['/etc/k0s/containerd.d'],
  templates: [],
  watchedFolder: '/etc/k0s/containerd.d',
  whenClosed: 'Upgrade k0s to 1.36 or later: a drop-in that earlier ones read would keep 1.36 from starting.',
};
