// A payload of a few bytes whose shim is a shell script, and the task that goes with it.
import { createHash } from 'node:crypto';
import type { NodeTask } from '../../crds/node-task.ts';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import { nodeTask } from '../../crds/node-task.ts';
import type { PayloadSource } from '../../node-installer/payload/source.ts';

const shim = '#!/bin/sh\necho a shim of the test\n';

export function tinyPayload(files: Readonly<Record<string, string>> = { 'bin/shim': shim }): PayloadSource {
  const manifest: PayloadManifest = {
    family: 'tiny',
    version: '1.0',
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: Object.entries(files).map(([path, text]) => ({
      path,
      sha256: createHash('sha256').update(text).digest('hex'),
      sizeBytes: Buffer.byteLength(text),
      mode: 0o755,
    })),
    links: [],
  };
  return {
    manifest: async () => Buffer.from(JSON.stringify(manifest)),
    open: async function* (path) {
      yield Buffer.from(files[path] ?? '');
    },
  };
}

export function tinyTask(change: Partial<NodeTask> = {}): NodeTask {
  return nodeTask.parse({
    runtime: 'tiny',
    family: 'tiny',
    version: '1.0',
    revision: 'r1',
    handlers: [
      {
        name: 'tiny',
        runtimeType: 'io.containerd.runc.v2',
        runtimePath: 'bin/shim',
        options: { BinaryName: '{dir}/bin/shim', SystemdCgroup: false },
        podAnnotations: ['tiny.example/*'],
        requires: ['bin/shim'],
      },
    ],
    generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}"\n' }],
    needs: { virtualization: 'Ignored' },
    ...change,
  });
}
