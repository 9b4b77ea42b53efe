import { describe, expect, it } from 'vitest';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import { armedPath, scriptText } from './undo-files.ts';

const config = 'version = 3\n';
const configPath = '/etc/containerd/config.toml';

const run = (node: FakeNode) => runSteps(node.host, tinyPayload(), tinyTask(), install);
const at = (node: FakeNode, effect: string) => node.host.effects.indexOf(effect);

describe('armSwitch()', () => {
  it('has all it needs on the disk before the marker, and the marker before the config changes', async () => {
    const node = await fakeNode(config);
    await run(node);
    const armed = at(node, `replace ${armedPath}`);
    expect(at(node, 'systemctl enable bulkhead-undo.service')).toBeGreaterThan(-1);
    expect(at(node, 'systemctl enable bulkhead-undo.service')).toBeLessThan(armed);
    expect(at(node, 'systemctl restart bulkhead-undo.timer')).toBeLessThan(armed);
    expect(armed).toBeLessThan(at(node, 'replace /etc/containerd/bulkhead.d/tiny.toml'));
    expect(armed).toBeLessThan(at(node, `replace ${configPath}`));
  });

  it('refuses the change when systemd does not take it, and leaves nothing', async () => {
    const node = await fakeNode(config);
    const before = node.host.paths();
    node.host.onSystemctl = ([word]) => ({ exitCode: word === 'enable' ? 1 : 0, stdout: '', stderr: 'no room\n' });
    const reports = await run(node);
    expect(reports[2]).toMatchObject({ outcome: 'failed', reason: 'SwitchNotArmed' });
    expect(reports[2]?.message).toContain('no room');
    expect(node.host.text(configPath)).toBe(config);
    expect(node.restarts()).toBe(0);
    expect(node.host.paths().filter((path) => !path.startsWith('/opt/'))).toEqual(
      before.filter((path) => !path.startsWith('/opt/')),
    );
  });
});

describe('disarmSwitch()', () => {
  it('comes after the restart that the change needs', async () => {
    const node = await fakeNode(config);
    await run(node);
    expect(at(node, `removeFile ${armedPath}`)).toBeGreaterThan(at(node, 'restart containerd.service'));
    expect(node.host.paths().filter((path) => path.includes('undo'))).toEqual([]);
  });
});

describe('scriptText()', () => {
  it('quotes paths, and removes what was not there', () => {
    const text = scriptText(
      [
        { path: "/etc/it's.toml", before: 'x' },
        { path: '/etc/new.toml', before: undefined },
      ],
      { unit: 'containerd.service', reloads: false },
    );
    expect(text).toContain(String.raw`put /var/lib/bulkhead/undo/0 '/etc/it'\''s.toml'`);
    expect(text).toContain("rm -f '/etc/new.toml'");
  });

  it('reloads an engine that needs no restart', () => {
    expect(scriptText([], { unit: 'docker.service', reloads: true })).toContain(
      "systemctl --no-block reload 'docker.service'\n",
    );
  });
});
