import { describe, expect, it } from 'vitest';
import { dockerDaemon, dockerEndpoint } from './find-daemon.ts';

function process(argv: string, cgroup = '/system.slice/docker.service') {
  return { pid: 1, argv: argv.split(' '), cgroups: [cgroup], nested: false };
}

describe('dockerEndpoint()', () => {
  it.each([
    ['cri-dockerd', '/run/docker.sock'],
    ['cri-dockerd --docker-endpoint unix:///var/run/docker.sock', '/run/docker.sock'],
    ['cri-dockerd --docker-endpoint=unix:///run/other.sock', '/run/other.sock'],
  ])('of %s', (argv, socket) => {
    expect(dockerEndpoint(argv.split(' '))).toBe(socket);
  });
});

describe('dockerDaemon()', () => {
  it('takes the one dockerd, whose socket systemd may have made, with its config and unit', () => {
    const daemon = process('/usr/bin/dockerd -H fd:// --config-file /etc/d.json', '/system.slice/my-docker.service');
    expect(dockerDaemon([process('/usr/bin/docker ps'), daemon], '/run/docker.sock')).toEqual({
      process: daemon,
      configPath: '/etc/d.json',
      unit: 'my-docker.service',
    });
  });

  it('takes the one of several that was told to listen at the socket, and else none', () => {
    const own = process('dockerd -H unix:///run/own.sock');
    const both = [own, process('dockerd -H tcp://x --host unix:///var/run/docker.sock')];
    expect(dockerDaemon(both, '/run/docker.sock')?.process).toBe(both[1]);
    expect(dockerDaemon(both, '/run/third.sock')).toBeUndefined();
  });

  it('leaves alone a dockerd in a pod', () => {
    expect(dockerDaemon([process('dockerd', '/kubepods/pod1/abc')], '/run/docker.sock')).toBeUndefined();
  });
});
