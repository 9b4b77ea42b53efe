// Taking Docker out of iptables, on what iptables-save printed beside a running Docker 20.10.

import { describe, expect, it } from 'vitest';

import { forwardPolicy, removeDockerChains } from './iptables-leftovers.ts';

const saved = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
COMMIT
`;

describe('removeDockerChains()', () => {
  it('removes the jumps, then empties the chains, then removes them, and touches nothing else', () => {
    expect(removeDockerChains(saved).map((args) => args.join(' '))).toEqual([
      '-t filter -D FORWARD -j DOCKER-USER',
      '-t nat -D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      '-t filter -F DOCKER',
      '-t filter -F DOCKER-USER',
      '-t nat -F DOCKER',
      '-t filter -X DOCKER',
      '-t filter -X DOCKER-USER',
      '-t nat -X DOCKER',
    ]);
  });

  it('has nothing to do where there is no Docker', () => {
    expect(removeDockerChains('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n')).toEqual([]);
  });
});

describe('forwardPolicy()', () => {
  it('is the policy of the filter table', () => {
    expect(forwardPolicy(`*mangle\n:FORWARD ACCEPT [0:0]\nCOMMIT\n${saved}`)).toBe('DROP');
  });

  it('is the default of the kernel where nothing is set', () => {
    expect(forwardPolicy('')).toBe('ACCEPT');
  });
});
