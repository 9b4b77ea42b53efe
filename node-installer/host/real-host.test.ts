import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHost } from './real-host.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-labels-'));
  mkdirSync(join(root, 'etc'));
  // Stands for chroot and the host's chcon: writes down what it is asked, and what the file was at that time.
  writeFileSync(join(root, 'tool'), '#!/bin/sh\necho "$3 $4 $5 $6 $(cat "$2$5")" >> "$2/asked"\n');
  chmodSync(join(root, 'tool'), 0o755);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text: string) =>
  realHost(root, [join(root, 'tool')]).replace(path, new TextEncoder().encode(text), 0o644);
const asked = () => (existsSync(join(root, 'asked')) ? readFileSync(join(root, 'asked'), 'utf8') : undefined);

describe('replace() on a real host', () => {
  it('gives the new file the SELinux label of the old one before it is in its place', async () => {
    mkdirSync(join(root, 'sys/fs/selinux'), { recursive: true });
    writeFileSync(join(root, 'sys/fs/selinux/enforce'), '1');
    await put('/etc/file', 'old');
    expect(asked()).toBeUndefined();
    await put('/etc/file', 'new');
    expect(asked()).toBe('chcon --reference /etc/file /etc/file.bulkhead-new old\n');
    expect(readFileSync(join(root, 'etc/file'), 'utf8')).toBe('new');
  });

  it('runs nothing where there is no SELinux', async () => {
    await put('/etc/file', 'old');
    await put('/etc/file', 'new');
    expect(asked()).toBeUndefined();
  });
});
