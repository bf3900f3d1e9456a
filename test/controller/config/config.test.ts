import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig, storeLocation } from '../../../controller/config/index.ts';
import { readSecretText } from '../../../shared/files/index.ts';

const GOOD = {
  name: 'ctl-1',
  key: 'ctl-1.key',
  rootsFile: '/etc/farcall/roots.json',
  storeFile: 'data/farcall.db',
  storeKeyFile: 'store.key',
  listen: 'unix:run/farcall.sock',
  nats: { servers: ['nats://127.0.0.1:4222'], credentialsFile: 'ctl-1.creds', caFile: 'ca.pem' },
};

const WEBHOOK = { name: 'chat', url: 'https://10.1.2.3/x', secretFile: 'chat.secret' };

describe("the controller's configuration", () => {
  it("the controller's configuration has absolute paths and defaults", () => {
    expect(parseConfig(JSON.stringify(GOOD), '/etc/farcall/controller.json')).toEqual({
      name: 'ctl-1',
      key: '/etc/farcall/ctl-1.key',
      rootsFile: '/etc/farcall/roots.json',
      store: { sqlite: '/etc/farcall/data/farcall.db' },
      storeKeyFile: '/etc/farcall/store.key',
      listen: 'unix:/etc/farcall/run/farcall.sock',
      nats: {
        servers: ['nats://127.0.0.1:4222'],
        credentialsFile: '/etc/farcall/ctl-1.creds',
        caFile: '/etc/farcall/ca.pem',
      },
      hostSilenceMs: 30_000,
      checkpointEveryMs: 10_000,
      webhooks: [],
      logLevel: 'info',
    });
  });

  it("the controller's configuration may name webhooks, in private networks too", () => {
    const webhooks = [{ ...WEBHOOK, kinds: ['rollout-stopped'], caFile: 'ca.pem' }];
    expect(parseConfig(JSON.stringify({ ...GOOD, webhooks }), '/etc/farcall/c.json').webhooks).toEqual([
      { ...webhooks[0], secretFile: '/etc/farcall/chat.secret', caFile: '/etc/farcall/ca.pem' },
    ]);
  });

  it("the controller's configuration may stream the audit log, to a port and in a format of its own", () => {
    const syslog = { host: 'siem.example.org', caFile: 'ca.pem', certFile: 'ctl.pem', keyFile: 'ctl.key' };
    const audit = { syslog, file: { path: 'audit.log', format: 'cef' } };
    expect(parseConfig(JSON.stringify({ ...GOOD, audit }), '/etc/farcall/c.json').audit).toEqual({
      syslog: {
        ...{ host: 'siem.example.org', port: 6514, facility: 'audit', format: 'json', repeatMs: 10_000 },
        ...{
          caFile: '/etc/farcall/ca.pem',
          certFile: '/etc/farcall/ctl.pem',
          keyFile: '/etc/farcall/ctl.key',
        },
      },
      file: { path: '/etc/farcall/audit.log', format: 'cef' },
    });
  });

  it("the controller's configuration may name a prelude", () => {
    const config = parseConfig(JSON.stringify({ ...GOOD, preludeFile: 'kernel.h' }), '/etc/farcall/c.json');
    expect(config.preludeFile).toBe('/etc/farcall/kernel.h');
  });

  const { storeFile: _file, ...WITHOUT_STORE } = GOOD;
  const onPostgres = (postgres: object): object => ({ ...WITHOUT_STORE, store: { postgres } });
  const parsedStore = (config: object) => parseConfig(JSON.stringify(config), '/etc/farcall/c.json').store;

  it("the controller's configuration may name a PostgreSQL database, in one line or by its parts", () => {
    const rest = { schema: 'farcall', connections: 8, timeoutMs: 15_000 };
    const address = { host: 'db.example.org', port: 6432, database: 'farcall', user: 'ctl' };
    const files = { passwordFile: 'pw', tls: { caFile: 'db-ca.pem' } };
    const absolute = { passwordFile: '/etc/farcall/pw', tls: { caFile: '/etc/farcall/db-ca.pem' } };
    const expected = { postgres: { ...address, ...absolute, ...rest } };
    expect(parsedStore(onPostgres({ ...address, ...files }))).toEqual(expected);
    const url = 'postgres://ctl@db.example.org:6432/farcall';
    expect(parsedStore(onPostgres({ url, ...files }))).toEqual(expected);
    const socket = { host: '/run/postgresql', database: 'farcall', user: 'ctl' };
    expect(parsedStore(onPostgres(socket))).toEqual({ postgres: { ...socket, port: 5432, ...rest } });
  });

  it("the controller's configuration gives a password only from a file that is its owner’s alone", () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-config-'));
    const passwordFile = join(folder, 'pw');
    writeFileSync(passwordFile, 'secret\n', { mode: 0o600 });
    const store = parsedStore(onPostgres({ url: 'postgres://ctl@127.0.0.1/farcall', passwordFile }));
    const location = storeLocation(store);
    expect('postgres' in location && location.postgres.password?.()).toBe('secret');
    chmodSync(passwordFile, 0o644);
    expect(() => storeLocation(store)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    rmSync(folder, { recursive: true });
  });

  const wrong: readonly [string, object | string, string][] = [
    ['no store', WITHOUT_STORE, 'c.json: configuration: give either store or storeFile'],
    ['two stores', { ...GOOD, store: { sqlite: 'x' } }, 'give either store or storeFile'],
    ['a store that is two', { ...WITHOUT_STORE, store: {} }, 'c.json: store: give either sqlite or postgres'],
    [
      'a password in the address',
      onPostgres({ url: 'postgres://ctl:secret@127.0.0.1/farcall' }),
      'c.json: store.postgres.url: the address may not carry a password; use passwordFile',
    ],
    [
      'options in the address',
      onPostgres({ url: 'postgres://ctl@127.0.0.1/farcall?sslmode=disable' }),
      'the address takes no options',
    ],
    [
      'a database on the network in plain text',
      onPostgres({ url: 'postgres://ctl@db.example.org/farcall' }),
      'c.json: store.postgres: plain text is for loopback only',
    ],
    ['a database without a user', onPostgres({ url: 'postgres://127.0.0.1/farcall' }), 'the user is missing'],
    [
      'an address that is told twice',
      onPostgres({ url: 'postgres://ctl@127.0.0.1/farcall', port: 1 }),
      'url stands for host, port, database and user',
    ],
    [
      'a schema that would have to be quoted',
      onPostgres({ url: 'postgres://ctl@127.0.0.1/farcall', schema: 'a"b' }),
      'c.json: store.postgres.schema: small letters, digits and _',
    ],
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
      'enrolling without a signing key',
      { ...GOOD, enrolment: { address: 'a:1' } },
      'enrolment.signingFile: ',
    ],
    ['a name that is none', { ...GOOD, name: 'Ctl 1' }, 'c.json: name: a name is a-z'],
    [
      'a webhook on the network in plain text',
      { ...GOOD, webhooks: [{ name: 'chat', url: 'http://chat.example.org/x', secretFile: 's' }] },
      'c.json: webhooks.0.url: plain http:// is for loopback only',
    ],
    [
      'a webhook with a password in its address',
      { ...GOOD, webhooks: [{ name: 'chat', url: 'https://a:b@chat.example.org/x', secretFile: 's' }] },
      'c.json: webhooks.0.url: the address may not carry a user',
    ],
    [
      'two webhooks of one name',
      { ...GOOD, webhooks: [WEBHOOK, WEBHOOK] },
      'c.json: webhooks: two webhooks have the same name',
    ],
    [
      'an event that is none',
      { ...GOOD, webhooks: [{ ...WEBHOOK, kinds: ['wave-ended'] }] },
      'c.json: webhooks.0.kinds.0: ',
    ],
    [
      'a webhook without an address',
      { ...GOOD, webhooks: [{ name: 'chat', format: 'slack' }] },
      'c.json: webhooks.0.url: write either url or urlFile',
    ],
    [
      'a webhook without its secret',
      { ...GOOD, webhooks: [{ name: 'chat', url: 'https://10.1.2.3/x' }] },
      'c.json: webhooks.0.secretFile: secretFile is missing',
    ],
    [
      'a secret for a chat tool',
      { ...GOOD, webhooks: [{ ...WEBHOOK, format: 'teams' }] },
      'c.json: webhooks.0.secretFile: the address is all that this tool takes',
    ],
    [
      'a pager for news',
      { ...GOOD, webhooks: [{ ...WEBHOOK, format: 'opsgenie', kinds: ['wave-passed'] }] },
      'c.json: webhooks.0.kinds: wave-passed wakes nobody',
    ],
    ['a level that is none', { ...GOOD, logLevel: 'loud' }, 'c.json: logLevel: '],
    ['a silence that is a text', { ...GOOD, hostSilenceMs: '30s' }, 'c.json: hostSilenceMs: '],
  ];
  it("the controller's configuration is refused with all of its faults, each in a line of its own", () => {
    const text = JSON.stringify({ ...GOOD, logLevel: 'loud', hostSilenceMs: '30s', lisen: 'x' });
    expect(() => parseConfig(text, 'c.json')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(
          /^c\.json: hostSilenceMs: .*\nc\.json: logLevel: .*\nc\.json: .*"lisen"$/,
        ),
      }),
    );
  });

  it.each(wrong)(
    "the controller's configuration is refused for %s, with the place",
    (_name, config, message) => {
      const text = typeof config === 'string' ? config : JSON.stringify(config);
      expect(() => parseConfig(text, 'c.json')).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
      );
    },
  );

  it("the controller's configuration names a file that is not there", () => {
    expect(() => readConfig('/nowhere/c.json')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('/nowhere/c.json'),
      }),
    );
  });

  it("the controller's configuration takes a secret only from a file of its owner alone", () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-secret-'));
    const [good, open] = [join(folder, 'good'), join(folder, 'open')];
    writeFileSync(good, 'secret\n', { mode: 0o600 });
    writeFileSync(open, 'secret\n', { mode: 0o644 });
    expect(readSecretText(good)).toBe('secret');
    expect(() => readSecretText(open)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(() => readSecretText(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
    rmSync(folder, { recursive: true });
  });
});
