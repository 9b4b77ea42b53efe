// Where Kata's payloads are published, and which of them somebody has pinned. Upstream publishes no checksums of its own.
// *Source*: tools/packaging/release/release.sh of kata-containers (names, split in two since 4.1); each pin names its own.
import type { Digest } from '../crds/payload-source.ts';
import type { Archive } from './family.ts';

type Arch = 'amd64' | 'arm64' | 's390x' | 'ppc64le';
type Pin = { readonly hex: string; readonly pinnedBy: string };

export const kataArches: readonly Arch[] = ['amd64', 'arm64', 's390x', 'ppc64le'];

/** sha256 as public files have it; nothing is known of the others. Whoever downloads verifies. */
const pins: Readonly<Record<string, Readonly<Partial<Record<Arch, Pin>>>>> = {
  'kata-static-4.2.0': {
    amd64: {
      hex: 'b828904fa3f1e49ddd7dc799c72cb1503cd1e772d354c3987c8d4189b2a623a8',
      pinnedBy: 'at least six public repositories; the release asset digests that GitHub shows (2026-09-28)',
    },
    arm64: {
      hex: '5dd4e9f2d5ea9e6bdfa2f476b3315335b58252366fcda2775a3094fc8fec376b',
      pinnedBy: 'several public repositories; the release asset digests that GitHub shows (2026-09-28)',
    },
  },
  'kata-go-static-4.2.0': {
    amd64: {
      hex: '7dda31ca54b397cbf8165f620d6041872d3c45b7a77383ce0e86f76a06e103d0',
      pinnedBy: 'one public repository',
    },
  },
  'kata-static-4.1.0': {
    amd64: {
      hex: '3dc6b69c4acb787b967b04b64599a20d02a8beb1a8eaab3084110df9d0b08c96',
      pinnedBy: 'three public repositories',
    },
  },
  'kata-go-static-4.1.0': {
    amd64: {
      hex: '8b32080424c884238ee8d52060fdfd060fbe2b5fdfa4eb9ff2772b382b432b55',
      pinnedBy: 'zero-day-ai/setec, kata.env',
    },
  },
};

const releases = 'https://github.com/kata-containers/kata-containers/releases/download';

/** Both archives of a version for every architecture, with a digest where one is known. */
export function kataArchives(version: string): Archive[] {
  return (['kata-static', 'kata-go-static'] as const).flatMap((name) =>
    kataArches.map((arch): Archive => {
      const pin = pins[`${name}-${version}`]?.[arch];
      const digest: Digest | undefined = pin && { algorithm: 'sha256', hex: pin.hex };
      const url = `${releases}/${version}/${name}-${version}-${arch}.tar.zst`;
      return { name, arch, url, ...(digest && { digest }) };
    }),
  );
}
