// The images that a node must have from the start: the control plane's, pause, DNS, and a busybox for tests. Builds none.

import { join } from 'node:path';

import type { Image } from '../image/write-image.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';

export const pauseImage = `registry.k8s.io/pause:${pins.pause.version}`;
/** kubeadm knows an older etcd; the cluster's config gives it this tag. */
export const etcdTag = `${pins.etcd.version.slice(1)}-0`;
/** Debian's static busybox with a link for every applet. Its `wget -T` crashes. */
export const busyboxImage = 'localhost/bulkhead/busybox:1';

const tmp = { path: '/tmp', mode: 0o1777 };

/** The folder of an artifact. */
type From = (artifact: string) => string;

export const systemImages = async (from: From): Promise<readonly Image[]> => {
  const version = pins.kubernetes.version;
  const own = (name: string, artifact: string, program: string, to: string): Image =>
    programImage(name, join(from(artifact), program), to);
  const controlPlane = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((program) =>
    own(`registry.k8s.io/${program}:${version}`, 'kubernetes', program, `/usr/local/bin/${program}`),
  );
  const etcd = own(`registry.k8s.io/etcd:${etcdTag}`, 'etcd', 'etcd', '/usr/local/bin/etcd');
  const etcdctl = { files: [{ from: join(from('etcd'), 'etcdctl'), to: '/usr/local/bin/etcdctl' }] };
  return [
    ...controlPlane,
    { ...etcd, layers: [...etcd.layers, etcdctl] },
    pause(from),
    own(`registry.k8s.io/coredns/coredns:${pins.coredns.version}`, 'coredns', 'coredns', '/coredns'),
    await kubeProxy(from),
    await busybox(from),
  ];
};

const programImage = (name: string, program: string, to: string): Image => ({
  name,
  layers: [{ files: [{ from: program, to }], dirs: [tmp] }],
  config: { entrypoint: [to] },
});

export const pause = (from: From): Image => {
  const image = programImage(pauseImage, join(from('pause'), 'pause'), '/pause');
  return { ...image, config: { ...image.config, user: '65535:65535' } };
};

/** kube-proxy runs nft, which comes with its libraries from the nodes' Debian. */
const kubeProxy = async (from: From): Promise<Image> => {
  const debian = debianOf(from);
  const listed = await run(['chroot', debian, 'ldd', '/usr/sbin/nft']);
  const libraries = [...new Set(listed.match(/\/lib\S+/g))];
  const real = (await run(['chroot', debian, 'realpath', ...libraries])).trim().split('\n');
  const tools = {
    files: [
      { from: join(debian, 'usr/sbin/nft'), to: '/usr/sbin/nft' },
      { from: join(debian, 'bin/busybox'), to: '/bin/busybox' },
      ...libraries.map((to, index) => ({ from: join(debian, real[index] ?? ''), to })),
    ],
    links: ['/bin/sh', '/sbin/modprobe'].map((path) => ({ path, target: '/bin/busybox' })),
    dirs: [tmp],
  };
  const to = '/usr/local/bin/kube-proxy';
  return {
    name: `registry.k8s.io/kube-proxy:${pins.kubernetes.version}`,
    layers: [tools, { files: [{ from: join(from('kubernetes'), 'kube-proxy'), to }] }],
    config: { entrypoint: [to] },
  };
};

const debianOf = (from: From): string => join(from('debian-root'), 'root');

export const busybox = async (from: From): Promise<Image> => {
  const debian = debianOf(from);
  const applets = (await run(['chroot', debian, 'busybox', '--list'])).trim().split('\n');
  const content = {
    files: [
      { from: join(debian, 'bin/busybox'), to: '/bin/busybox' },
      { text: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n', to: '/etc/passwd' },
      { text: 'root:x:0:\nnogroup:x:65534:\n', to: '/etc/group' },
    ],
    links: applets
      .filter((applet) => applet !== 'busybox')
      .map((applet) => ({ path: `/bin/${applet}`, target: 'busybox' })),
    dirs: [tmp, { path: '/root', mode: 0o700 }],
  };
  return { name: busyboxImage, layers: [content], config: { cmd: ['sh'] } };
};
