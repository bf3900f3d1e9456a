import { describe, expect, it } from 'vitest';
import type { ForgedRow } from '../../../controller/store/index.ts';
import { newSigningKey } from '../../../shared/tokens/index.ts';
import { HOSTS, hostOf, START_MS } from '../../kit/cast.ts';
import { codeOf, dispatched, introduce, partsOn, testClock } from '../../kit/controller-kit.ts';
import { ENGINES, type TestEngine } from '../../kit/engines.ts';
import { enrolmentOf, hostKeysBy } from '../../kit/enrolment-kit.ts';

const HEX = 'e'.repeat(64);
const PROOF = { token: 'made up', submittedBy: 'bob', trustVersion: 3 };
const LATER = START_MS + 3_600_000;

/** Bytes as the engine writes them. */
function bytesIn({ name }: TestEngine, hex: string): string {
  return name === 'SQLite' ? `x'${hex}'` : `decode('${hex}', 'hex')`;
}

describe.each(ENGINES)('a row that somebody wrote into a store in $name without the store key', engine => {
  const stores = engine.use();
  const mac = bytesIn(engine, '00'.repeat(32));

  const opened = async () => {
    const clock = testClock();
    const forged: ForgedRow[] = [];
    const { store, location } = await stores.open(clock, forged);
    return {
      store,
      clock,
      forged,
      parts: partsOn(store, clock),
      write: (sql: string) => stores.sql(location, sql),
    };
  };

  it('a forged row is no session at the console, and the log says whose it claims to be', async () => {
    const { store, forged, write } = await opened();
    await write(
      `insert into console_sessions values ('${HEX}', 'bob', 'kid-of-bob', 'passkey', ${START_MS}, ${LATER}, ${mac})`,
    );
    expect(await store.consoles.find(HEX)).toBeUndefined();
    await store.consoles.used(HEX, START_MS);
    expect(await store.consoles.find(HEX)).toBeUndefined();
    expect(forged[0]).toMatchObject({ table: 'console_sessions', claims: { person: 'bob', id: HEX } });
  });

  it('a forged row does not turn the session of one person into that of another', async () => {
    const { store, write } = await opened();
    const session = { id: HEX, person: 'alice', kid: 'kid-of-alice', signInMethod: 'passkey' } as const;
    await store.consoles.open({ ...session, usedAtMs: START_MS, endsAtMs: LATER });
    expect(await store.consoles.find(HEX)).toBeDefined();
    await write("update console_sessions set person = 'bob'");
    expect(await store.consoles.find(HEX)).toBeUndefined();
  });

  it.each(['challenge', 'registration', 'code', 'oidc'] as const)(
    'a forged row is no ticket of the kind %s',
    async kind => {
      const { store, write } = await opened();
      await write(
        `insert into console_tickets values ('${HEX}', '${kind}', 'bob', 'kid-of-bob', ${LATER}, ${mac})`,
      );
      expect(await store.consoles.redeem(HEX, kind, START_MS)).toBeUndefined();
    },
  );

  it('a forged row is no ticket, though its MAC is that of a ticket of another kind', async () => {
    const { store, write } = await opened();
    await store.consoles.issue({ id: HEX, kind: 'challenge', person: 'bob', kid: '', endsAtMs: LATER });
    await write("update console_tickets set kind = 'code'");
    expect(await store.consoles.redeem(HEX, 'code', START_MS)).toBeUndefined();
  });

  it('a forged row is no enrolment by which a machine becomes a host', async () => {
    const { store, write } = await opened();
    const { secret, draft } = await enrolmentOf('eve', { host: 'evil' });
    await write(
      `insert into enrolments values ('evil', '${draft.enrolmentKid}', 'evil', '{}', 'bob', ${START_MS}, ${LATER}, null, null, ${bytesIn(engine, '00')}, 'forged', null, ${mac})`,
    );
    const redeemed = store.enrolments.redeem(await hostKeysBy(hostOf('evil'), secret));
    expect(await codeOf(redeemed)).toBe('UNAUTHENTICATED');
    expect(await store.enrolments.list()).toEqual([]);
  });

  it('a forged row is no key of a host, neither a new one nor one in the place of another', async () => {
    const { store, parts, write } = await opened();
    await introduce(parts);
    const { one, two } = HOSTS;
    expect((await store.hostKeys.find(one.name))?.kid).toBe(one.key.kid);
    const { kid, publicJwk } = newSigningKey();
    const jwk = JSON.stringify(publicJwk);
    await write(`update host_keys set kid = '${kid}', public_jwk = '${jwk}' where host = '${one.name}'`);
    expect(await store.hostKeys.find(one.name)).toBeUndefined();
    expect(await store.hosts.find(one.name)).toBeUndefined();
    expect((await store.hosts.all()).map(({ host }) => host)).toEqual([two.name, HOSTS.other.name]);
    expect(await store.lateJoiners.find(one.name)).toBeUndefined();
  });

  it('a forged row is no lease of a controller that has lost it', async () => {
    const { store, parts, write } = await opened();
    await store.leases.acquire({ name: 'webhooks', holder: 'one', ttlMs: 60_000 });
    await write("update leases set epoch = 77, holder = 'evil'");
    expect(await store.leases.renew({ name: 'webhooks', epoch: 77, ttlMs: 1 })).toBe(false);
    const moved = parts.logCursors.move({ name: 'chat', seq: 1, lease: { name: 'webhooks', epoch: 77 } });
    expect(await codeOf(moved)).toBe('LEASE_LOST');
    const next = await store.leases.acquire({ name: 'webhooks', holder: 'two', ttlMs: 60_000 });
    expect(next?.epoch).toBeGreaterThan(77);
  });

  it('a forged row is no heartbeat by which a host looks healthy, and no sign that it was heard of', async () => {
    const { store, parts, clock, write } = await opened();
    await introduce(parts);
    const { id } = await dispatched(parts);
    const host = HOSTS.one.name;
    const at = { observedAtMs: clock.nowMs(), receivedAtMs: clock.nowMs() };
    const trust = { trustVersion: 3, trustConfirmedAtMs: clock.nowMs(), newerTrustVersion: undefined };
    const oops = { oops: 'BUG: kernel NULL pointer dereference', oopsAtMs: clock.nowMs() };
    await store.heartbeats.keep([
      { host, bootId: 'boot', taint: 128, waitingResults: 0, ...oops, ...at, ...trust },
    ]);
    const statusOf = async () =>
      (await store.heartbeats.healthStatuses(id, 1)).find(status => status.host === host);
    expect(await statusOf()).toMatchObject({ lastSeenMs: clock.nowMs(), heartbeat: { taint: 128 } });
    await write('update host_heartbeats set taint = 0, oops = null, oops_at_ms = null');
    expect(await statusOf()).toMatchObject({ lastSeenMs: clock.nowMs(), heartbeat: undefined });
    await write('update host_contacts set last_seen_ms = last_seen_ms + 1000');
    expect(await statusOf()).toMatchObject({ lastSeenMs: 0 });
    expect((await store.hosts.find(host))?.lastSeenMs).toBe(START_MS);
  });

  it('a forged row about the journal of a host does not admit it: the host is held', async () => {
    const { store, parts, write } = await opened();
    await introduce(parts);
    const { name: host, key } = HOSTS.one;
    const said = {
      host,
      kid: key.kid,
      incarnation: 'one',
      head: Buffer.alloc(32, 7),
      observedAtMs: START_MS,
    };
    await store.hostJournals.admit({ ...said, sequence: 9 });
    await write('update host_journals set sequence = 3');
    await store.hostJournals.advance([{ ...said, sequence: 4 }]);
    const back = { ...said, incarnation: 'two', sequence: 3, observedAtMs: START_MS + 1000 };
    expect(await store.hostJournals.admit(back)).toMatchObject({ effect: 'held', why: 'record-forged' });
    expect(await store.hostJournals.held()).toEqual([{ host, why: 'record-forged' }]);
    const hold = await store.hostJournals.hold(host);
    const accepted = { hold, reason: 'its disk is right', actor: 'bob' };
    await store.hostJournals.accept({ ...accepted, ...PROOF });
    const next = { ...back, observedAtMs: START_MS + 2000 };
    expect(await store.hostJournals.admit(next)).toMatchObject({ effect: 'admitted' });
  });

  it('a forged row has no login refused as that of a locked controller', async () => {
    const { store, write } = await opened();
    await store.locks.rememberLogin('ctl-1', 'UCTL');
    const lock = { kind: 'controller', name: 'ctl-1', kids: ['a kid'], reason: 'stolen' } as const;
    await store.locks.set({ ...lock, lockedBy: 'bob', proof: PROOF });
    await write(`insert into controller_logins values ('ctl-1', 'UVICTIM', ${START_MS}, ${mac})`);
    expect([...(await store.locks.revokedLogins(0, [lock])).keys()]).toEqual(['UCTL']);
  });

  it('a forged row is no fact of a kernel against which modules are signed', async () => {
    const { store, write } = await opened();
    const tab = engine.name === 'SQLite' ? 'char(9)' : 'chr(9)';
    await write(
      `insert into kernel_facts values ('x86_64 6.12', '${HEX}', 'symbol panic' || ${tab} || '+0x10', 'evil', ${START_MS}, ${mac})`,
    );
    const facts = new Map([['symbol panic', '+0x20']]);
    await store.moduleSigning.agree({ build: 'x86_64 6.12', host: 'demo-1', facts });
  });

  it('a forged row is no cursor of a webhook: the events of the last day are sent again', async () => {
    const { store, parts, write } = await opened();
    await introduce(parts);
    const end = await store.logCursors.cursorOf('chat', 'end');
    expect(end).toBeGreaterThan(0);
    await write('update log_cursors set seq = seq + 1000');
    expect(await store.logCursors.cursorOf('chat', 'end')).toBe(0);
  });

  it('a forged row makes no used token usable again', async () => {
    const { store, write } = await opened();
    const token = { signer: 'alice', jti: 'one', issuedAtS: 1_790_000_000 };
    expect(await store.usedTokens.use(token, 0)).toBe(true);
    await write(`update used_tokens set mac = ${mac}`);
    expect(await store.usedTokens.use(token, 0)).toBe(false);
  });
});
