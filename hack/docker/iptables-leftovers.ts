// Finds what a stopped Docker daemon leaves in iptables. Pure: text of iptables-save in, arguments of iptables out.

/** The calls of iptables that take Docker's chains, and the jumps to them, out again; in an order that works. */
export const removeDockerChains = (saved: string): readonly (readonly string[])[] => {
  const jumps: string[][] = [];
  const flushes: string[][] = [];
  const deletions: string[][] = [];
  let table = '';
  for (const line of saved.split('\n')) {
    const chain = /^(?::|-A )(\S+)/.exec(line)?.[1] ?? '';
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (line.startsWith(':DOCKER')) {
      flushes.push(['-t', table, '-F', chain]);
      deletions.push(['-t', table, '-X', chain]);
    } else if (line.startsWith('-A') && !chain.startsWith('DOCKER') && / -j DOCKER/.test(line)) {
      jumps.push(['-t', table, '-D', ...line.slice(3).trim().split(' ')]);
    }
  }
  return [...jumps, ...flushes, ...deletions];
};

/** The policy of the FORWARD chain, which Docker sets to DROP. */
export const forwardPolicy = (saved: string): string => /^\*filter$[^*]*?^:FORWARD (\S+)/m.exec(saved)?.[1] ?? 'ACCEPT';
