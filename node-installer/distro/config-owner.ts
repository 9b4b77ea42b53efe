// Distributions that write the root config of their containerd themselves, and the ways in that each leaves. It reads nothing.

export type ConfigOwner = {
  /** Folders that the root may import, in the order of preference. */
  readonly dropInFolders: readonly string[];
  /** What the root is rendered from at each start: the first that is there. */
  readonly templates: readonly Template[];
};

export type Template = {
  readonly path: string;
  /** Schema of the root that comes from it, and the least schema that containerd must write for it to be looked at. */
  readonly schema: number;
  /** What is the same as no such file. */
  readonly initial: string;
};

/**
 * By the path of the root config, which its process names.
 * *Source*: K3s `pkg/agent/containerd/config.go` and `pkg/agent/templates` (RKE2 is built from them): `config.toml` is rendered from a
 * template, or from what is built in. Since February 2026 (k3s#13680) that imports the folders; before, and with a template, it need
 * not. A template may call what is built in and go on with tables. One of ours has no `imports`: where the built-in has them too,
 * containerd would no longer start after an upgrade of K3s.
 */
export function configOwner(configPath: string): ConfigOwner | undefined {
  const folder = /^(.+\/agent\/etc\/containerd)\/config\.toml$/.exec(configPath)?.[1];
  if (folder === undefined) return undefined;
  const initial = '# Written by Bulkhead, and removed with its last handler.\n{{ template "base" . }}\n';
  return {
    dropInFolders: [`${folder}/config-v3.toml.d`, `${folder}/config.toml.d`],
    templates: [
      { path: `${folder}/config-v3.toml.tmpl`, schema: 3, initial },
      { path: `${folder}/config.toml.tmpl`, schema: 2, initial },
    ],
  };
}
