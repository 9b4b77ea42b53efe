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
    text: 'Tests run a real 1.34.0, built from its Go module: the server starts, the installer adds an OCI runtime and a shim, the CRI is asked. No pods are run on it. Other versions are read from its source.',
    columns: ['version', 'outcome', 'because'],
    rows: [
      ['1.30 and later', 'drop-in', 'the CRI lists its handlers, which proves an installation'],
      ['1.29 and older', '`EngineTooOld`', 'the CRI does not list its handlers'],
    ],
  },
  {
    title: 'Docker Engine',
    text: 'By way of cri-dockerd 0.4.0 or later, which passes handlers on and itself wants Docker 23.0 (API 1.42) or later. Tests run Debian’s real Docker 20.10 with containers in gVisor; cri-dockerd is played. By hand: a Docker built from moby 2.0.0-beta.8 reloads like 20.10, and a real cri-dockerd 0.4.0 in front of it listed a new handler 60 s after the reload and then handed a pod to runsc.',
    columns: ['version', 'outcome', 'because'],
    rows: [
      ['24.0 and later', 'entries in `daemon.json`', 'takes OCI runtimes and named shims at a reload'],
      ['23.0', 'entries in `daemon.json`', 'takes OCI runtimes; a family that needs a shim is refused'],
      [
        '22.06 and older',
        '`EngineTooOld`',
        'its cri-dockerd cannot be one that passes handlers on; the daemon by itself would do from 20.10 on',
      ],
      ['any, with `--add-runtime`', '`RuntimesInFlags`', 'a reload makes dockerd forget the runtimes of its flags'],
    ],
  },
  {
    title: 'Distributions',
    text: 'Recognized per node, by its processes and files. What an engine’s config is edited like is in the sections above; the details of each are in [distributions](distributions.md). Of K3s, RKE2, k0s and MicroK8s no binary can be had from package registries: a real containerd was started, restarted and asked on what their templates and folders come to, rendered by a small copy of their rules.',
    columns: ['distribution', 'outcome', 'because'],
    rows: [
      ['kubeadm, kind, minikube, GKE, AKS, EKS, kops', 'like the engine', 'the config is a plain file that stays'],
      [
        'K3s, RKE2',
        'drop-in, or a block in the template; rendered, on containerd 1.7 and 2.0 to 2.4',
        'the root file is rendered anew at each start',
      ],
      [
        'k0s 1.36 and later',
        'drop-in; containerd 2.0, 2.2, 2.3 and 2.4',
        'the root file imports a folder that k0s watches, and restarts containerd for',
      ],
      ['k0s before 1.36', '`UnsupportedDistribution`', 'a drop-in that it reads would keep the next one from starting'],
      [
        'MicroK8s',
        'a block in the template; rendered, on containerd 1.7, 2.1 and 2.3',
        'the root file is rendered anew at each start',
      ],
      ['Talos, Bottlerocket', 'adopted', 'the config is part of an immutable image, which must bring the handlers'],
    ],
  },
];
