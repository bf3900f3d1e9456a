import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig, readSecretFile } from '../../../controller/config/index.ts';

const GOOD = {
  name: 'ctl-1',
  keyFile: 'ctl-1.key',
  rootsFile: '/etc/farcall/roots.json',
  storeFile: 'data/farcall.db',
  listen: 'unix:run/farcall.sock',
  nats: { servers: ['nats://127.0.0.1:4222'], credentialsFile: 'ctl-1.creds', caFile: 'ca.pem' },
};

describe("the controller's configuration", () => {
  it('has absolute paths and defaults', () => {
    expect(parseConfig(JSON.stringify(GOOD), '/etc/farcall/controller.json')).toEqual({
      name: 'ctl-1',
      keyFile: '/etc/farcall/ctl-1.key',
      rootsFile: '/etc/farcall/roots.json',
      store: { sqlite: '/etc/farcall/data/farcall.db' },
      listen: 'unix:/etc/farcall/run/farcall.sock',
      nats: {
        servers: ['nats://127.0.0.1:4222'],
        credentialsFile: '/etc/farcall/ctl-1.creds',
        caFile: '/etc/farcall/ca.pem',
      },
      hostSilenceMs: 30_000,
      checkpointEveryMs: 10_000,
      logLevel: 'info',
    });
  });

  it('may name a prelude', () => {
    const config = parseConfig(JSON.stringify({ ...GOOD, preludeFile: 'kernel.h' }), '/etc/farcall/c.json');
    expect(config.preludeFile).toBe('/etc/farcall/kernel.h');
  });

  const wrong: readonly [string, object | string, string][] = [
    ['not JSON', '{', 'c.json: not JSON'],
    [
      'a member that nobody knows',
      { ...GOOD, hostSilence: 1 },
      'c.json: configuration: Unrecognized key: "hostSilence"',
    ],
    [
      'an unknown member inside',
      { ...GOOD, nats: { ...GOOD.nats, port: 1 } },
      'c.json: nats: Unrecognized key: "port"',
    ],
    ['no servers', { ...GOOD, nats: { servers: [] } }, 'c.json: nats.servers: '],
    [
      'a broker on the network in plain text',
      { ...GOOD, nats: { servers: ['nats://broker:4222'] } },
      'c.json: nats.servers.0: plain nats:// is for loopback only',
    ],
    ['a certificate without its key', { ...GOOD, tls: { certFile: 'x' } }, 'c.json: tls.keyFile: '],
    [
      'enrolling without roots',
      { ...GOOD, enrolment: { address: 'a:1', signingFile: 'x' } },
      'enrolment.rootsFile: ',
    ],
    ['a name that is none', { ...GOOD, name: 'Ctl 1' }, 'c.json: name: a name is a-z'],
    ['a level that is none', { ...GOOD, logLevel: 'loud' }, 'c.json: logLevel: '],
    ['a silence that is a text', { ...GOOD, hostSilenceMs: '30s' }, 'c.json: hostSilenceMs: '],
  ];
  it.each(wrong)('is refused for %s, with the place', (_name, config, message) => {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    expect(() => parseConfig(text, 'c.json')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('names a file that is not there', () => {
    expect(() => readConfig('/nowhere/c.json')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('/nowhere/c.json'),
      }),
    );
  });

  it('takes a secret only from a file of its owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-secret-'));
    const [good, open] = [join(folder, 'good'), join(folder, 'open')];
    writeFileSync(good, 'secret\n', { mode: 0o600 });
    writeFileSync(open, 'secret\n', { mode: 0o644 });
    expect(readSecretFile(good)).toBe('secret');
    expect(() => readSecretFile(open)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(() => readSecretFile(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
    rmSync(folder, { recursive: true });
  });
});
