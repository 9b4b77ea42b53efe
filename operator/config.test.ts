import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const good = {
  BULKHEAD_INSTALLER_IMAGE: 'installer:1',
  BULKHEAD_PAYLOAD_REPOSITORY: 'repository',
  BULKHEAD_PAUSE_IMAGE: 'pause:1',
  POD_NAME: 'operator-0',
  POD_NAMESPACE: 'bulkhead-system',
};

describe('parseConfig()', () => {
  it('needs images and a name, and has a default for the rest', () => {
    expect(parseConfig(good)).toEqual({
      settings: { installerImage: 'installer:1', payloadRepository: 'repository', pauseImage: 'pause:1', proxy: {} },
      identity: 'operator-0',
      logLevel: 'info',
      healthPort: 8080,
      leaseSeconds: 15,
    });
  });

  it('hands on the proxy that nodes are to download by', () => {
    const proxy = { HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: '.cluster.local' };
    expect(parseConfig({ ...good, ...proxy, HTTP_PROXY: '' }).settings.proxy).toEqual(proxy);
  });

  it.each([
    ['BULKHEAD_INSTALLER_IMAGE', undefined],
    ['BULKHEAD_INSTALLER_IMAGE', `installer@sha256:${'ab'.repeat(32)}`],
    ['BULKHEAD_PAYLOAD_REPOSITORY', 'repository/'],
    ['POD_NAME', ''],
    ['POD_NAMESPACE', 'default'],
    ['LOG_LEVEL', 'chatty'],
    ['BULKHEAD_HEALTH_PORT', 'x'],
  ])('says that %s is wrong when it is %s', (variable, value) => {
    expect(() => parseConfig({ ...good, [variable]: value })).toThrow(variable);
  });
});
