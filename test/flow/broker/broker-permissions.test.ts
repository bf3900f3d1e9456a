import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { encodeUser } from '@nats-io/jwt';
import { createAccount, createUser, fromPublic, fromSeed } from '@nats-io/nkeys';
import { connect, jwtAuthenticator, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { HOST_PAYLOAD_BYTES } from '../../../shared/limits/index.ts';
import { MESSAGE_LIMIT_BYTES, ordersReplyCodec } from '../../../shared/messages/index.ts';
import {
  BROADCAST_SUBJECTS,
  HOST_TOPICS,
  hostSubject,
  inboxPrefix,
  toHostSubject,
} from '../../../shared/subjects/index.ts';
import { brokerTls } from '../../../shared/tls/index.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { type BrokerLogin, type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';
import { ordersQueryOf } from '../../kit/host-statements.ts';

describe('a real nats-server with the configuration that we make', () => {
  let fleet: Fleet;
  let nats: NatsServer;
  let evil: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { good: { env: 'demo' }, evil: { env: 'demo' } } });
    ({ nats } = fleet);
    evil = fleet.host('evil');
  });
  afterAll(() => fleet?.stop());

  it('the broker lets a request through to its result', async () => {
    const { controller } = fleet;
    const id = await controller.approved('f()', '--hosts', 'host=good', '--reason', 'why');
    const good = fleet.host('good');
    const order = await good.nextOrder();
    expect(await good.queryOrders()).toHaveLength(1);
    expect(await good.answer(order)).toMatchObject({ committed: true });
    expect((await controller.farcall('alice', 'report', id)).code).toBe(0);
  });

  let markers = 0;

  /** Publishes and says whether the broker refused it. */
  async function isRefused(connection: NatsConnection, subject: string): Promise<boolean> {
    const marker = `farcall.host.nobody.${markers++}`;
    const statuses = connection.status()[Symbol.asyncIterator]();
    connection.publish(subject, 'x');
    // Refused for sure, and after the other: refusals come in order.
    connection.publish(marker, 'x');
    for (let refused = false; ; ) {
      const { value } = await statuses.next();
      refused ||= value.permissionContext?.subject === subject;
      if (value.permissionContext?.subject === marker) return refused;
    }
  }

  it('the broker lets no host speak for another, to all, or into an inbox', async () => {
    const others = HOST_TOPICS.map(topic => hostSubject('good', topic));
    const inboxes = [`${inboxPrefix('good')}.1`, `${inboxPrefix('evil')}.1`, '_INBOX.1'];
    const odd = ['farcall.host', 'farcall.host.evil', 'farcall.host.evilx.hello', '$SYS.REQ.CLAIMS.UPDATE'];
    const toHosts = [toHostSubject('good', 'plan'), toHostSubject('evil', 'plan')];
    for (const subject of [...others, ...BROADCAST_SUBJECTS, ...toHosts, ...inboxes, ...odd])
      expect([subject, await isRefused(evil.connection, subject)]).toEqual([subject, true]);
    expect(await isRefused(evil.connection, hostSubject('evil', 'hello'))).toBe(false);
  });

  /** What the broker says to a subscription; undefined where it allows it. */
  async function subscribing(connection: NatsConnection, subject: string): Promise<string | undefined> {
    let refusal: string | undefined;
    const callback = (error: Error | null): void => {
      refusal ??= error?.message;
    };
    const subscription = connection.subscribe(subject, { callback });
    await connection.flush();
    subscription.unsubscribe();
    return refusal;
  }

  it('the broker lets no host hear another, or what is for controllers', async () => {
    const wanted = [
      ...['>', '*', 'farcall.>', 'farcall.host.>', 'farcall.host.*.result', 'farcall.host.good.orders'],
      ...['farcall.host.evil.hello', 'farcall.inbox.>', 'farcall.inbox.*.1', 'farcall.inbox.good.>'],
      ...['_INBOX.>', '$SYS.>', 'farcall.*', 'farcall.to.>', 'farcall.to.*.plan', 'farcall.to.good.plan'],
    ];
    for (const subject of wanted)
      expect(await subscribing(evil.connection, subject)).toMatch(/Permissions Violation/);
    for (const subject of [...BROADCAST_SUBJECTS, 'farcall.inbox.evil.>'])
      expect(await subscribing(evil.connection, subject)).toBeUndefined();
  });

  it('a host that asks in another’s name gets no answer', async () => {
    const asGood = await ordersQueryOf(
      { name: 'evil', key: evil.key, site: fleet.controller.site },
      Date.now(),
      { about: 'good' },
    );
    const asking = evil.connection.request(hostSubject('evil', 'orders'), asGood, { timeout: 1000 });
    await expect(asking).rejects.toMatchObject({ code: 'TIMEOUT' });
    const own = await evil.connection.request(
      hostSubject('evil', 'orders'),
      await ordersQueryOf({ name: 'evil', key: evil.key, site: fleet.controller.site }, Date.now()),
    );
    expect(ordersReplyCodec.decode(own.data).orders).toEqual([]);
  });

  it('the broker takes no message of a host that is larger than any that a host sends', async () => {
    const login = await nats.hostLogin('evil');
    const large = await nats.connect(login, { reconnect: false });
    expect(large.info?.max_payload).toBe(HOST_PAYLOAD_BYTES);
    // A hostile host's library would not keep to it by itself.
    Object.assign(large.info ?? {}, { max_payload: MESSAGE_LIMIT_BYTES });
    large.publish(hostSubject('evil', 'result'), new Uint8Array(HOST_PAYLOAD_BYTES));
    await large.flush();
    large.publish(hostSubject('evil', 'result'), new Uint8Array(HOST_PAYLOAD_BYTES + 1));
    expect(await large.closed()).toMatchObject({ message: expect.stringMatching(/Maximum Payload/) });
  });

  it('the broker takes no more subscriptions of a host than a few', async () => {
    const login = await nats.hostLogin('evil');
    const many = await nats.connect(login, { reconnect: false });
    onTestFinished(() => many.close());
    const statuses = many.status()[Symbol.asyncIterator]();
    for (let count = 0; count < 100; count++) many.subscribe(`farcall.inbox.evil.${count}`);
    for (let refusals = 0; refusals < 100 - 32; ) {
      const { value } = await statuses.next();
      // The broker may also name its addresses again.
      if (value.type === 'update') continue;
      expect(value).toEqual({ type: 'error', data: 'NATS_PROTOCOL_ERR' });
      refusals++;
    }
  });

  const loginWith = (jwt: string, user: { getSeed(): Uint8Array }): BrokerLogin => ({
    jwt,
    seed: user.getSeed(),
  });
  const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

  const intruders: readonly [string, () => Promise<BrokerLogin>][] = [
    ['whose credential has run out', () => nats.hostLogin('evil', -10_000)],
    [
      'with the credential of another and their own nkey',
      async () => loginWith(fleet.host('good').login.jwt, createUser()),
    ],
    [
      'whose credential was changed',
      async () => {
        const [header, , signature] = evil.login.jwt.split('.');
        const claims = { ...claimsOf(evil.login.jwt), name: 'good' };
        const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
        return { ...evil.login, jwt: `${header}.${payload}.${signature}` };
      },
    ],
    [
      'who signed for themselves in the name of the account',
      async () => {
        const user = createUser();
        const { issuer_account } = claimsOf(evil.login.jwt).nats;
        const options = { issuer_account, subs: -1, data: -1, payload: -1 };
        return loginWith(await encodeUser('evil', user, createAccount(), options), user);
      },
    ],
    [
      'with their own account',
      async () => {
        const user = createUser();
        return loginWith(await encodeUser('evil', user, createAccount(), { subs: -1 }), user);
      },
    ],
    [
      'whom another site enrolled',
      async () => {
        const other = await startNatsServer();
        onTestFinished(() => other.stop());
        return other.hostLogin('evil');
      },
    ],
  ];
  it.each(intruders)('the broker turns away somebody %s', async (_name, make) => {
    const login = await make();
    await expect(nats.connect(login, { reconnect: false })).rejects.toMatchObject({
      code: 'AUTHORIZATION_VIOLATION',
    });
  });

  it('a login named * hears all hosts, and controllers make none', async () => {
    for (const name of ['*', '>', 'good.*', 'Good', ''])
      await expect(nats.hostLogin(name)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    // Somebody who stole the key that signs hosts' credentials makes it. nats-server 2.9 lets it in.
    const { seed } = JSON.parse(readFileSync(`${nats.folder}/host-signing.json`, 'utf8'));
    const { issuer_account } = claimsOf(evil.login.jwt).nats;
    const user = createUser();
    const scoped = { exp: Math.floor(Date.now() / 1000) + 600, scopedUser: true };
    const jwt = await encodeUser('*', user, fromSeed(Buffer.from(seed)), { issuer_account }, scoped);
    const login = await nats.connect(loginWith(jwt, user), { reconnect: false });
    onTestFinished(() => login.close());
    expect(await subscribing(login, 'farcall.inbox.good.>')).toBeUndefined();
    expect(await subscribing(login, 'farcall.host.good.result')).toMatch(/Permissions Violation/);
  });

  it('the broker turns away somebody who uses a key for hosts to give themselves rights', async () => {
    const { seed } = JSON.parse(readFileSync(`${nats.folder}/host-signing.json`, 'utf8'));
    const user = createUser();
    const { issuer_account } = claimsOf(evil.login.jwt).nats;
    const rights = {
      issuer_account,
      pub: { allow: ['>'] },
      sub: { allow: ['>'] },
      subs: -1,
      data: -1,
      payload: -1,
    };
    const jwt = await encodeUser(
      'evil',
      fromPublic(user.getPublicKey()),
      fromSeed(Buffer.from(seed)),
      rights,
    );
    await expect(nats.connect(loginWith(jwt, user), { reconnect: false })).rejects.toMatchObject({
      code: 'AUTHORIZATION_VIOLATION',
    });
  });

  it('the broker turns away who has nothing, and who speaks no TLS', async () => {
    const tls = brokerTls([nats.url], nats.caFile) ?? null;
    await expect(connect({ servers: nats.url, tls, reconnect: false })).rejects.toMatchObject({
      code: 'AUTHORIZATION_VIOLATION',
    });
    const plain = plainClient(nats.port);
    expect(await plain).toMatch(/^INFO \{.*"tls_required":true/);
  });

  /** Sends a login in plain text; returns all that comes back. */
  async function plainClient(port: number): Promise<string> {
    const socket = dial(port, '127.0.0.1');
    let heard = '';
    socket.on('data', data => {
      heard += data.toString();
    });
    socket.on('error', () => undefined);
    socket.write(`CONNECT {"jwt":"${evil.login.jwt}","verbose":true}\r\nPING\r\n`);
    await new Promise(resolve => {
      socket.once('close', resolve);
    });
    expect(heard).not.toContain('PONG');
    return heard;
  }
});

describe('somebody who answers in the place of the broker', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNatsServer();
  });
  afterAll(() => nats?.stop());

  it('an impostor with their own certificate is told nothing', async () => {
    const impostor = await startNatsServer();
    onTestFinished(() => impostor.stop());
    const login = await nats.hostLogin('web-1');
    const connecting = connect({
      servers: impostor.url,
      reconnect: false,
      authenticator: jwtAuthenticator(login.jwt, login.seed),
      tls: brokerTls([impostor.url], nats.caFile) ?? null,
    });
    await expect(connecting).rejects.toThrow(/certificate|self.signed/i);
  });

  it('somebody who answers in the place of the broker with a certificate of the site for another host is not told a thing', async () => {
    const login = await nats.hostLogin('web-1');
    const connecting = connect({
      servers: nats.url,
      reconnect: false,
      authenticator: jwtAuthenticator(login.jwt, login.seed),
      tls: brokerTls(['tls://broker.example.org:4222'], nats.caFile) ?? null,
    });
    await expect(connecting).rejects.toThrow(/broker\.example\.org/);
  });

  it.each([
    ['says that it has no TLS', {}],
    ['says that TLS is not needed', { tls_available: true }],
  ])('and %s is not told a thing in plain text', async (_name, offer) => {
    const heard: Buffer[] = [];
    const sockets: Socket[] = [];
    const server = createServer(socket => {
      sockets.push(socket);
      const info = {
        server_id: 'X',
        version: '2.9.10',
        proto: 1,
        max_payload: 1 << 20,
        nonce: 'abc',
        ...offer,
      };
      socket.on('data', data => heard.push(data));
      socket.on('error', () => undefined);
      socket.write(`INFO ${JSON.stringify(info)}\r\n`);
      // Whatever the client begins, it gets no TLS here.
      socket.once('data', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const url = `tls://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const login = await nats.hostLogin('web-1');
    const connecting = connect({
      servers: url,
      reconnect: false,
      authenticator: jwtAuthenticator(login.jwt, login.seed),
      tls: brokerTls([url], nats.caFile) ?? null,
    });
    await expect(connecting).rejects.toBeDefined();
    const bytes = Buffer.concat(heard);
    expect(bytes.includes('CONNECT')).toBe(false);
    expect(bytes.includes(login.jwt.slice(0, 40))).toBe(false);
  });
});
