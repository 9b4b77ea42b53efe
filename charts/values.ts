// What differs between installations; the same values will be those of the Helm chart.

export type InstallValues = {
  readonly namespace: string;
  readonly operatorImage: string;
  /** Image of the node containers. */
  readonly installerImage: string;
  /** Where the catalogue's payload images are; their names and tags are the catalogue's. */
  readonly payloadRepository: string;
  /** Image of the node pods' resident container: best the one that the nodes have as sandbox image. */
  readonly pauseImage: string;
  /** One operator works, the others wait for its lease. */
  readonly replicas: number;
  /** What else the operator reads from its environment, such as proxies. */
  readonly env?: Readonly<Record<string, string>>;
};
