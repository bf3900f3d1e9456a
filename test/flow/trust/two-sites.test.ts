import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { enrol } from '../../../agent/enrol/index.ts';
import { type OperatorClient, operatorClient } from '../../../controller/cli/session/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import {
  abortEnvelopeCodec,
  callRequestCodec,
  type OrderEnvelope,
  orderEnvelopeCodec,
  signedBundleCodec,
} from '../../../shared/messages/index.ts';
import { ABORTS_SUBJECT, ORDERS_SUBJECT, TRUST_SUBJECT } from '../../../shared/subjects/index.ts';
import { WHOLE } from '../../../shared/targets/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { bundleAt, entryOf, KEYS, type Member, rootsOf, tokenOf } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import {
  abortOf,
  actionOf,
  approvalOf,
  hostRemovalOf,
  lockOf,
  requestOf,
  requestTokenOf,
  revocationOf,
  unlockOf,
  withdrawalOf,
} from '../../kit/decisions.ts';
import { enrolmentOf } from '../../kit/enrolment-kit.ts';
import { eventually } from '../../kit/eventually.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { standInHost } from '../../kit/fleet/stand-in-host.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';

/**
 * A laboratory and production, where the same people, controllers and hosts have the same keys. Whatever was
 * signed at the laboratory is tried in production, by somebody who owns the broker there.
 */
describe('a laboratory with the people of production', () => {
  let lab: Fleet;
  let production: Fleet;
  const clients: OperatorClient[] = [];
  /** Somebody at the controller of production, who signs their calls for this site. */
  const caller = (name: Member, site: string): OperatorClient => {
    const { address } = production.controller;
    const as = { name, site, key: KEYS[name] };
    const client = operatorClient({ address, as, clock: systemClock, caFile: production.nats.caFile });
    clients.push(client);
    return client;
  };
  /** What is signed now, for the laboratory. */
  const there = () => ({ nowMs: Date.now(), site: lab.controller.site });
  const inProduction = (name: Member) => caller(name, production.controller.site);

  beforeAll(async () => {
    lab = await startFleet({ roots: rootsOf(1, 'rose'), hosts: { 'web-2': { env: 'b' } } });
    production = await startFleet({
      agents: { 'web-1': { labels: { env: 'a' } } },
      hosts: { 'web-2': { env: 'b' } },
    });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await lab?.stop();
    await production?.stop();
  });

  it('a token of an operator for the laboratory calls nothing in production', async () => {
    expect(production.controller.site).not.toBe(lab.controller.site);
    const call = caller('bob', lab.controller.site).call('listLocks', {});
    expect(await codeOf(call)).toBe('SITE_OTHER');
    expect(await inProduction('bob').call('listLocks', {})).toEqual({ locks: [] });
  });

  describe('by what was signed there', () => {
    let request: Uint8Array;
    let id: string;
    beforeAll(async () => {
      const wish = ['_printk("Hello")', '--hosts', 'env=b', '--reason', 'r'];
      ({ id } = await production.controller.requested(...wish));
      ({ request } = await inProduction('alice').call('getRequest', { id }));
    });

    it.each<[string, (client: OperatorClient) => Promise<unknown>]>([
      [
        'approves',
        async client =>
          client.call('submitApproval', { id, token: await approvalOf('bob', request, there()) }),
      ],
      [
        'rejects',
        async client => {
          const token = await approvalOf('bob', request, { decision: 'reject', ...there() });
          return client.call('submitApproval', { id, token });
        },
      ],
      [
        'withdraws',
        async client => {
          const token = await withdrawalOf('bob', request, { token: 'an approval', ...there() });
          return client.call('withdrawApproval', { id, token });
        },
      ],
      [
        'aborts',
        async client => client.call('abortRequest', { id, token: await abortOf('bob', request, there()) }),
      ],
      [
        'pauses',
        async client => {
          const token = await actionOf('bob', request, { action: 'pause', ...there() });
          return client.call('submitAction', { id, token });
        },
      ],
      [
        'asks',
        async () => {
          const client = inProduction('alice');
          const draft = { program: '_printk("x")', selector: '*', reason: 'r', policy: 'standard' } as const;
          const times = { lifetimeMs: 60_000, timeoutMs: 1000 };
          const prepared = await client.call('prepareRequest', { ...draft, ...times });
          const token = await requestTokenOf('alice', prepared.request, there());
          return client.call('createRequest', { request: prepared.request, token });
        },
      ],
      [
        'enrols a host',
        async client =>
          client.call('createEnrolment', (await enrolmentOf('bob', { host: 'new', ...there() })).submission),
      ],
      [
        'removes a host',
        async client => {
          const { host, kid } = await client.call('getHostRemoval', { host: 'web-2' });
          const token = await hostRemovalOf('bob', { host, kid, ...there() });
          return client.call('removeHost', { host, token });
        },
      ],
      [
        'revokes an enrolment',
        async client => {
          await production.controller.enrolmentToken('web-3');
          const { enrolments } = await client.call('listEnrolments', {});
          const { id: enrolment, host } = enrolments.find(each => each.host === 'web-3')!;
          const token = await revocationOf('bob', { enrolment, host, ...there() });
          return client.call('revokeEnrolment', { id: enrolment, token });
        },
      ],
      [
        'locks a person',
        async client =>
          client.call('lock', { token: await lockOf('bob', { what: 'person', name: 'alice', ...there() }) }),
      ],
      [
        'ends a lock',
        async client =>
          client.call('unlock', { token: await unlockOf('bob', { token: 'the lock', ...there() }) }),
      ],
      [
        'witnesses the log',
        async client => {
          const { nowMs, site } = there();
          const iat = Math.floor(nowMs / 1000);
          const position = { store: 'a'.repeat(32), seq: 1, hash: 'A'.repeat(43), entryAtMs: nowMs };
          const about = { iss: 'bob', site, iat, exp: iat + 600, ...position };
          return client.call('submitStatement', { token: await tokenOf('witness', about, KEYS.bob) });
        },
      ],
    ])('nobody %s in production by a signature for the laboratory', async (_what, attempt) => {
      expect(await codeOf(attempt(inProduction('bob')))).toBe('SITE_OTHER');
    });

    it('nobody brings a request of the laboratory to production, however it is signed', async () => {
      const { site, nowMs } = there();
      const bytes = callRequestCodec.encode(requestOf({ site, selector: '*', createdAtMs: nowMs }));
      for (const signedFor of [site, production.controller.site]) {
        const token = await requestTokenOf('alice', bytes, { nowMs, site: signedFor });
        const call = inProduction('alice').call('createRequest', { request: bytes, token });
        expect(await codeOf(call)).toBe('SITE_OTHER');
      }
    });

    it('nobody publishes a trust bundle of the laboratory in production, though a root of both has signed it', async () => {
      const call = inProduction('bob').call('publishTrust', labBundle(lab.controller.site));
      expect(await codeOf(call)).toMatch(/^(SITE_OTHER|TRUST_)/);
    });
  });

  it('a machine does not become a host of production by an enrolment token of the laboratory', async () => {
    const token = await lab.controller.enrolmentToken('web-4');
    const { address, ca, site } = await production.controller.enrolmentToken('web-5');
    for (const [change, code] of [
      [{ address, ca }, 'SITE_OTHER'],
      [{ address, ca, site }, 'UNAUTHENTICATED'],
    ] as const) {
      const folder = mkdtempSync(join(tmpdir(), 'farcall-two-sites-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const folders = { configDirectory: folder, stateDirectory: folder };
      expect(await codeOf(enrol({ ...token, ...change }, folders, systemClock))).toBe(code);
      expect(existsSync(join(folder, 'agent.json'))).toBe(false);
    }
  });

  it('what a host says to the laboratory counts as nothing in production, though its key is the same', async () => {
    const id = await production.controller.approved('_printk("Hello")', '--hosts', 'env=b', '--reason', 'r');
    const host = production.host('web-2');
    const order = await host.nextOrder(id);
    const { key, login } = host;
    const elsewhere = await standInHost({
      ...{ name: 'web-2', nats: production.nats, key, login },
      site: lab.controller.site,
    });
    onTestFinished(() => elsewhere.close());
    expect(await elsewhere.answer(order)).toMatchObject({ committed: false });
    await elsewhere.hello({ taint: 4096 });
    await production.controller.logged(
      line => line['topic'] === 'hello' && /SITE_OTHER/.test(JSON.stringify(line['err'])),
    );
    expect(await host.answer(order)).toMatchObject({ committed: true });
  });

  it('a host of production runs no order, approval, request or abort of the laboratory', async () => {
    const connection = await production.nats.connect(await production.nats.ownerLogin());
    onTestFinished(() => connection.close());
    const { site } = production.controller;
    const other = lab.controller.site;
    const near: readonly [string, Partial<Sites>][] = [
      ['an order', { order: other }],
      ['a request', { request: other }],
      ['a request with its signature', { request: other, requester: other }],
      [
        'a request with its signature and approvals',
        { request: other, requester: other, bob: other, carol: other },
      ],
      ['the signature of the requester', { requester: other }],
      ['both approvals', { bob: other, carol: other }],
      ['one approval', { carol: other }],
      [
        'everything but the order',
        { request: other, requester: other, bob: other, carol: other, order: site },
      ],
      ['everything', { request: other, requester: other, bob: other, carol: other, order: other }],
    ];
    const here = { request: site, requester: site, bob: site, carol: site, order: site };
    connection.publish(TRUST_SUBJECT, signedBundleCodec.encode(labBundle(other)));
    for (const [, sites] of near)
      connection.publish(ORDERS_SUBJECT, orderEnvelopeCodec.encode(await orderOf({ ...here, ...sites })));
    const id = await lab.controller.approved('_printk("Hello")', '--hosts', 'env=b', '--reason', 'r');
    const theirs = await lab.host('web-2').nextOrder(id);
    connection.publish(ORDERS_SUBJECT, orderEnvelopeCodec.encode(theirs));
    const good = await orderOf(here);
    const abort = await abortOf('bob', good.request, there());
    connection.publish(ABORTS_SUBJECT, abortEnvelopeCodec.encode({ request: good.request, abort }));
    // Behind all of them one that is right: the host has looked at the others once it has run.
    connection.publish(ORDERS_SUBJECT, orderEnvelopeCodec.encode(good));
    await eventually('the order of production runs', () => loads().length > 0);
    expect(loads()).toHaveLength(1);
  });

  /** The modules that the agent of production has loaded. */
  function loads(): string[] {
    const file = join(production.controller.folder, 'hosts', 'web-1', 'loads');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }
});

/** The site that each part of an order names. */
interface Sites {
  readonly request: string;
  readonly requester: string;
  readonly bob: string;
  readonly carol: string;
  readonly order: string;
}

/** A new order for all hosts by the keys of everybody, each part of it for its own site. */
async function orderOf(sites: Sites): Promise<OrderEnvelope> {
  const nowMs = Date.now();
  const id = `two${randomUUID().slice(0, 8)}`;
  const request = callRequestCodec.encode(
    requestOf({ id, site: sites.request, selector: '*', createdAtMs: nowMs }),
  );
  const iat = Math.floor(nowMs / 1000);
  const times = { iat, nbf: iat, exp: iat + 3600 };
  const about = { req: digestText(sha256(request)), attempt: 1, trustVersion: 1, wave: 1, slice: WHOLE };
  const content = { iss: 'ctl-1', site: sites.order, jti: `order-${id}`, ...times, ...about };
  const approve = (by: 'bob' | 'carol') => approvalOf(by, request, { nowMs, site: sites[by] });
  return {
    request,
    approvals: [await approve('bob'), await approve('carol')],
    withdrawals: [],
    order: await tokenOf('order', content, KEYS['ctl-1']),
    requestToken: await requestTokenOf('alice', request, { nowMs, site: sites.requester }),
  };
}

/** A second trust bundle of the laboratory, in which mallory approves. */
function labBundle(site: string) {
  const roots = rootsOf(1, 'rose');
  const people = { controllers: [entryOf('ctl-1')], approvers: [entryOf('mallory'), entryOf('bob')] };
  return signedBy(bundleAt(Date.now(), { version: 2, site, roots, ...people }), 'rose');
}
