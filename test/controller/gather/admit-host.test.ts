import { describe, expect, it } from 'vitest';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { answerOrdersQuery, receiveHeartbeat } from '../../../controller/gather/index.ts';
import type { JournalReport } from '../../../controller/store/index.ts';
import { ordersReplyCodec } from '../../../shared/messages/index.ts';
import { splitCanonicalToken } from '../../../shared/tokens/index.ts';
import { HOSTS } from '../../kit/cast.ts';
import { acceptHost, type ControllerParts, codeOf, dispatched, introduce } from '../../kit/controller-kit.ts';
import { acceptanceOf } from '../../kit/decisions.ts';
import { ENGINES, newParts } from '../../kit/engines.ts';
import { heartbeatOf, ordersQueryOf } from '../../kit/host-statements.ts';

const HOST = HOSTS.one;
const ONE = Buffer.alloc(16, 1);
const TWO = Buffer.alloc(16, 2);
const headOf = (history: string): Buffer => Buffer.alloc(32, history);

describe.each(ENGINES)('a host that says how far its journal has come ($name)', engine => {
  const stores = engine.use();

  /** A host, and its journal as it reports it. Time goes on with each report. */
  async function hostOf() {
    const parts = await newParts(stores);
    await introduce(parts);
    const asks = async (incarnation: Buffer, sequence: number, history = `${sequence}`) => {
      parts.clock.advance(1000);
      return asksAt(parts.clock.nowMs(), incarnation, sequence, history);
    };
    const asksAt = async (atMs: number, incarnation: Buffer, sequence: number, history = `${sequence}`) => {
      const bytes = await ordersQueryOf(HOST, atMs, { incarnation, sequence, head: headOf(history) });
      const reply = ordersReplyCodec.decode(await answerOrdersQuery(parts, { host: HOST.name, bytes }));
      return { ...reply, admitted: reply.admission !== undefined };
    };
    const beats = async (incarnation: Buffer, sequence: number) => {
      parts.clock.advance(1000);
      const journal = { incarnation, sequence, head: headOf(`${sequence}`) };
      const bytes = await heartbeatOf(HOST, parts.clock.nowMs(), { journal });
      const reports: JournalReport[] = [];
      const journalWriter = { take: (report: JournalReport) => void reports.push(report) };
      await receiveHeartbeat({ ...parts, journalWriter }, { host: HOST.name, bytes });
      await parts.hostJournals.advance(reports);
    };
    return { parts, asks, asksAt, beats, held: () => heldIn(parts) };
  }

  const heldIn = async (parts: ControllerParts) =>
    (await parts.hostJournals.held()).map(({ host, why }) => `${host} ${why}`);

  it('a host is admitted by its name and for minutes, as long as it goes forward', async () => {
    const { parts, asks, beats, held } = await hostOf();
    await dispatched(parts);
    const { admission, orders } = await asks(ONE, 3);
    expect(orders).toHaveLength(1);
    const { host, incarnation, iat, exp } = splitCanonicalToken(admission!).payload;
    expect([host, incarnation]).toEqual([HOST.name, ONE.toString('base64url')]);
    expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(900);
    await beats(ONE, 9);
    expect(await asks(ONE, 9)).toMatchObject({ admitted: true, held: '' });
    expect(await asks(TWO, 10)).toMatchObject({ admitted: true });
    expect(await held()).toEqual([]);
  });

  it('a host is held if its journal went back, behind a query or a heartbeat, and gets no orders', async () => {
    const { parts, asks, beats, held } = await hostOf();
    await dispatched(parts);
    await asks(ONE, 3);
    await beats(ONE, 9);
    const back = await asks(TWO, 8);
    expect(back).toMatchObject({ admitted: false, orders: [], held: expect.stringContaining('put back') });
    expect(await held()).toEqual([`${HOST.name} went-back`]);
    // Not even if it has caught up meanwhile.
    expect(await asks(TWO, 12)).toMatchObject({ admitted: false, orders: [] });
    expect(await parts.audit.page({ kind: 'host-held', afterSeq: 0, limit: 9 })).toHaveLength(1);
  });

  it('a host is held if another history has as many records', async () => {
    const { asks, held } = await hostOf();
    await asks(ONE, 3);
    expect(await asks(TWO, 3, 'another')).toMatchObject({ admitted: false });
    expect(await held()).toEqual([`${HOST.name} exists-twice`]);
  });

  it('a host is held if an incarnation goes on that a later one has replaced', async () => {
    const { asks, beats, held } = await hostOf();
    await asks(ONE, 3);
    await asks(TWO, 4);
    expect(await held()).toEqual([]);
    await beats(ONE, 3);
    expect(await held()).toEqual([`${HOST.name} exists-twice`]);
  });

  it('a host is neither held nor admitted by a statement that a later one has overtaken', async () => {
    const { parts, asks, asksAt, held } = await hostOf();
    const earlierMs = parts.clock.nowMs();
    await asks(TWO, 4);
    expect(await asksAt(earlierMs, ONE, 3)).toMatchObject({
      admitted: false,
      held: expect.stringContaining('clock'),
    });
    expect(await held()).toEqual([]);
    expect(await asks(TWO, 5)).toMatchObject({ admitted: true });
  });

  it('a host is not heard about another time than now', async () => {
    const { parts, asksAt } = await hostOf();
    for (const offMs of [-61_000, 29_000 + 61_000])
      expect(await codeOf(asksAt(parts.clock.nowMs() + offMs, ONE, 1))).toBe('TOKEN_EXPIRED');
  });

  it('a host does not go on by a signature for an earlier hold, another host, or somebody who is no approver', async () => {
    const { parts, asks, held } = await hostOf();
    await asks(ONE, 9);
    await asks(TWO, 1);
    const { name: host, key } = HOST;
    const { sinceMs: heldMs } = await parts.hostJournals.hold(host);
    const of = { nowMs: parts.clock.nowMs(), host, kid: key.kid, heldMs };
    const accept = async (token: string) => hostManagement(parts).accept({ host, token }, 'bob');
    for (const changes of [{ heldMs: heldMs - 1 }, { host: HOSTS.two.name }, { kid: HOSTS.two.key.kid }])
      expect(await codeOf(accept(await acceptanceOf('bob', { ...of, ...changes })))).toBe('TOKEN_CLAIMS');
    expect(await codeOf(accept(await acceptanceOf('mallory', of)))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await held()).toHaveLength(1);
    await accept(await acceptanceOf('bob', of));
    expect(await held()).toEqual([]);
  });

  it('a host goes on once a person has accepted it, and is told when that was', async () => {
    const { parts, asks, held } = await hostOf();
    await asks(ONE, 9);
    await asks(TWO, 1);
    const acceptedAtMs = await acceptHost(parts, 'bob', HOST.name);
    const { admission, admitted } = await asks(TWO, 1);
    expect(admitted).toBe(true);
    expect(splitCanonicalToken(admission!).payload['since']).toBe(Math.ceil(acceptedAtMs / 1000));
    expect(await held()).toEqual([]);
    expect(await codeOf(acceptHost(parts, 'bob', HOST.name))).toBe('NOT_FOUND');
    expect(await asks(ONE, 0)).toMatchObject({ admitted: false });
  });
});
