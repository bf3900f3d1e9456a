import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerOrdersQuery, expireOverdue, receiveHello } from '../../../controller/gather/index.ts';
import { ordersReplyCodec } from '../../../shared/messages/index.ts';
import { BUNDLE, HOSTS, type HostIdentity, hostOf, keyOf } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  enrolAll,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { helloOf, ordersQueryOf } from '../../kit/host-statements.ts';
import {
  answer,
  auditFolder,
  findingsIn,
  makerOn,
  publishBundle,
  tampered,
} from '../auditor/support/audited-store.ts';

const LATE = hostOf('demo-3', { env: 'demo' });
const OTHER = hostOf('prod-3', { env: 'prod' });
const OPEN = { ...DRAFT, lateJoiners: true };

describe('a host that comes after a request was made', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  const comes = async (host = LATE): Promise<void> => {
    parts.clock.advance(1000);
    await introduce(parts, [host]);
  };
  const expected = async (id: string) => (await parts.requests.find(id))?.expectedHosts;
  const orders = async (host: string) => {
    const identity = host === LATE.name ? LATE : { name: host, key: keyOf(host) };
    const bytes = await ordersQueryOf(identity, parts.clock.nowMs());
    return ordersReplyCodec.decode(await answerOrdersQuery(parts, { host, bytes })).orders;
  };

  it('a host that comes after a request was made is expected if the request says so, once, and gets its order', async () => {
    const { id, order } = await dispatched(parts, OPEN);
    await comes();
    expect(await expected(id)).toBe(3);
    expect(await orders('demo-3')).toHaveLength(1);
    await receiveHello(parts, {
      host: 'demo-3',
      bytes: await helloOf(LATE, parts.clock.nowMs(), { taint: 1 }),
    });
    expect(await expected(id)).toBe(3);
    for (const host of [HOSTS.one, HOSTS.two, LATE]) await answer(parts, host, order);
    expect(await parts.requests.find(id)).toMatchObject({ state: 'finished', expectedHosts: 3 });
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'returned', hosts: 3 }]);
  });

  it('a host that comes after a request was made is not expected if the request does not say so', async () => {
    const { id, order } = await dispatched(parts);
    await comes();
    expect(await expected(id)).toBe(2);
    expect(await orders('demo-3')).toEqual([]);
    await answer(parts, LATE, order);
    expect(await parts.requests.outcomes(id)).toEqual([]);
  });

  it('a host that comes after a request was made is not expected if the request does not mean it, or it came before', async () => {
    const { id } = await dispatched(parts, OPEN);
    await comes(OTHER);
    parts.clock.advance(1000);
    const later = await requestBy(parts, 'alice', { ...OPEN, selector: 'env=prod,host!=prod-1' });
    expect(await expected(id)).toBe(2);
    expect(await expected(later)).toBe(1);
  });

  it('a host that comes after a request was made is not expected if the request is over', async () => {
    const { id, order } = await dispatched(parts, OPEN);
    for (const host of [HOSTS.one, HOSTS.two]) await answer(parts, host, order);
    const { id: short } = await dispatched(parts, { ...OPEN, lifetimeMs: 1000 });
    await comes();
    expect(await expected(id)).toBe(2);
    expect(await expected(short)).toBe(2);
  });

  it('a host that comes after a request was made is expired like every other host if it says nothing', async () => {
    const { id } = await dispatched(parts, OPEN);
    await comes();
    parts.clock.advance(2 * 3_600_000);
    await expireOverdue(parts);
    expect(await parts.requests.find(id)).toMatchObject({ state: 'finished', expectedHosts: 3 });
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'expired', hosts: 3 }]);
  });

  it('a host that comes after a request was made says hello before it asks for orders, or asks again', async () => {
    await dispatched(parts, OPEN);
    await enrolAll(parts, [LATE]);
    expect(await codeOf(orders('demo-3'))).toBe('NOT_FOUND');
  });
});

describe('a host that was enrolled before, and is meant by its facts only afterwards', () => {
  const NEWER = { ...DRAFT, selector: 'env=demo,kernel~7.2' };

  it('a host that was enrolled before, and is meant by its facts only afterwards is counted from its answer on, and the store says the same as its log', async () => {
    const file = join(auditFolder(), 'farcall.db');
    const parts = controllerParts(BUNDLE, file);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    const boots = async (host: HostIdentity, kernelRelease: string): Promise<void> => {
      parts.clock.advance(1000);
      const bytes = await helloOf(host, parts.clock.nowMs(), { kernelRelease });
      await receiveHello(parts, { host: host.name, bytes });
    };
    await introduce(parts);
    await boots(HOSTS.one, '7.2.13');
    const { id, order } = await dispatched(parts, NEWER);
    await answer(parts, HOSTS.two, order);
    expect(await parts.requests.outcomes(id)).toEqual([]);
    await boots(HOSTS.two, '7.2.13');
    await answer(parts, HOSTS.two, order);
    expect(await parts.requests.find(id)).toMatchObject({ state: 'dispatched', expectedHosts: 2 });
    await answer(parts, HOSTS.one, order);
    expect(await parts.requests.find(id)).toMatchObject({ state: 'finished', expectedHosts: 2 });
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'returned', hosts: 2 }]);
    await maker.make();
    await parts.store.close();
    expect(await findingsIn(file)).toEqual([]);
  });
});

describe('the audit of late joiners', () => {
  it('the audit of late joiners shows who joined, and finds what was changed about it', async () => {
    const file = join(auditFolder(), 'farcall.db');
    const parts = controllerParts(BUNDLE, file);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    const { id, order } = await dispatched(parts, OPEN);
    const strict = await dispatched(parts);
    parts.clock.advance(1000);
    await introduce(parts, [LATE]);
    for (const host of [HOSTS.one, HOSTS.two, LATE]) await answer(parts, host, order);
    await maker.make();
    await parts.store.close();
    expect(await findingsIn(file)).toEqual([]);

    const where = `where request_id = '${id}' and host = 'demo-3'`;
    const changes: [string, RegExp][] = [
      [`delete from expected_hosts ${where}`, /unbacked|missing|state requests/],
      [`update expected_hosts set arch = 'aarch64' ${where}`, /joined with kernel and wave/],
      [`update requests set expected_hosts = 2, settled_hosts = 2 where id = '${id}'`, /expects 2 hosts/],
      [
        `insert into expected_hosts (request_id, host, kernel_release, arch, wave, attempt, changed_seq)
          select '${strict.id}', host, kernel_release, arch, wave, attempt, changed_seq
          from expected_hosts ${where}`,
        /not those that were frozen/,
      ],
      [
        `insert into host_heartbeats values ('nobody', 'b', 0, null, null, 0, 1, 1, null, 1, 1, x'00')`,
        /no such host/,
      ],
    ];
    for (const [sql, finding] of changes)
      expect((await findingsIn(tampered(file, sql))).join('\n'), sql).toMatch(finding);
  });

  it('the audit of late joiners finds that a host joined a request that allows no late joiners', async () => {
    const file = join(auditFolder(), 'farcall.db');
    const parts = controllerParts(BUNDLE, file);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    const { id } = await dispatched(parts);
    parts.clock.advance(1000);
    await introduce(parts, [LATE]);
    // What a controller in wrong hands would do.
    const late = { host: 'demo-3', kernelRelease: '6.1', arch: 'x86_64', wave: 1 };
    expect(await parts.lateJoiners.add(id, late, 'late')).toBe(true);
    expect(await parts.lateJoiners.add(id, late, 'late')).toBe(false);
    await parts.store.close();
    expect((await findingsIn(file)).join('\n')).toMatch(/1 hosts joined it, and its bytes do not let any/);
  });
});
