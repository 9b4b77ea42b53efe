// The sections of docs/compatibility.md that no test can measure, as data: what is known, and by what proof.

export interface Section {
  readonly title: string;
  /** What to know before the table: one paragraph. */
  readonly text: string;
  readonly columns: readonly string[];
  /** As many cells as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

export const sections: readonly Section[] = [
  {
    title: 'CRI-O',
    text: 'Not run here: no binary can be had from package registries. What is known is read from its manual and source; tests hold golden files and a stand-in to that.',
    columns: ['version', 'outcome', 'because'],
    rows: [
      ['1.30 and later', 'drop-in', 'the CRI lists its handlers, which proves an installation'],
      ['1.29 and older', '`EngineTooOld`', 'the CRI does not list its handlers'],
    ],
  },
  {
    title: 'Docker Engine',
    text: 'By way of cri-dockerd. Not run here: no binary can be had from package registries. What is known is read from its manual and source; tests hold golden files and a stand-in to that.',
    columns: ['version', 'outcome', 'because'],
    rows: [
      ['24.0 and later', 'entries in `daemon.json`', 'takes OCI runtimes and named shims at a reload'],
      ['20.10 to 23.0', 'entries in `daemon.json`', 'takes OCI runtimes; a family that needs a shim is refused'],
    ],
  },
  {
    title: 'Distributions',
    text: 'Recognized per node, by its processes and files. What an engine’s config is edited like is in the sections above.',
    columns: ['distribution', 'outcome', 'because'],
    rows: [
      ['kubeadm, kind, minikube, GKE, AKS, EKS, kops', 'like the engine', 'the config is a plain file that stays'],
      ['Talos, Bottlerocket', 'adopted', 'the config is part of an immutable image, which must bring the handlers'],
    ],
  },
];
