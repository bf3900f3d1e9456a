import { beforeEach, describe, expect, it } from 'vitest';
import type { RevokedLogins } from '../../../controller/broker/index.ts';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { answerOrdersQuery, receiveHello } from '../../../controller/gather/index.ts';
import { lockManagement, lockTask, loginEnforcer } from '../../../controller/locks/index.ts';
import { prepareRequest } from '../../../controller/requests/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import { operatorKeys, trustSource } from '../../../controller/trust/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { LockKind } from '../../../shared/messages/index.ts';
import { keyId } from '../../../shared/tokens/index.ts';
import { BUNDLE, bundleAt, entryOf, HOSTS, KEYS, SITE, START_MS } from '../../kit/cast.ts';
import {
  approvalBy,
  approve,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  unlock as endLock,
  introduce,
  removeHost,
  requestBy,
  lock as setLock,
} from '../../kit/controller-kit.ts';
import { lockOf, unlockOf } from '../../kit/decisions.ts';
import { enrolmentOf, hostKeysBy } from '../../kit/enrolment-kit.ts';
import { helloOf, ordersQueryOf } from '../../kit/host-statements.ts';

describe('a lock', () => {
  let parts: ControllerParts;
  const lock = (kind: LockKind, name: string) => setLock(parts, 'carol', { kind, name });
  const unlock = (kind: LockKind, name: string) => endLock(parts, 'carol', { kind, name });
  const audited = () => parts.audit.page({ afterSeq: 0, limit: 1000 });

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  describe('on a person', () => {
    const kid = keyId(KEYS.bob.publicJwk);
    const bobMayCall = (): boolean => operatorKeys(parts.trust.current()).keyring.has(kid);
    const approveBy = async (person: 'bob' | 'carol' | 'alice', id: string): Promise<void> =>
      approve(parts, person, { id, token: await approvalBy(parts, person, id) });
    const stateOf = async (id: string) => (await parts.requests.find(id))?.state;

    it('a lock on a person takes their key out of every decision of the controllers, until it is ended', async () => {
      expect(bobMayCall()).toBe(true);
      await lock('person', 'bob');
      expect(bobMayCall()).toBe(false);
      expect(parts.trust.current().approvers.map(({ name }) => name)).toEqual(['alice', 'carol']);
      await unlock('person', 'bob');
      expect(bobMayCall()).toBe(true);
    });

    it('a lock on a person lets their approval count no more', async () => {
      const id = await requestBy(parts, 'alice', DRAFT);
      await approveBy('bob', id);
      await lock('person', 'bob');
      await approveBy('carol', id);
      await advanceRequest(parts, id);
      expect(await stateOf(id)).toBe('pending');
      await unlock('person', 'bob');
      await advanceRequest(parts, id);
      expect(await stateOf(id)).toBe('dispatched');
    });

    it('a lock on a person keeps what they asked for from being approved', async () => {
      const id = await requestBy(parts, 'alice', DRAFT);
      await lock('person', 'alice');
      for (const person of ['bob', 'carol'] as const) await approveBy(person, id);
      await advanceRequest(parts, id);
      expect(await stateOf(id)).toBe('pending');
    });

    it.each([
      ['of whom one approved it', 'bob'],
      ['who asked for it', 'alice'],
    ])(
      'a lock on a person keeps an approved request from being ordered: a person %s',
      async (_what, name) => {
        const id = await requestBy(parts, 'alice', DRAFT);
        for (const person of ['bob', 'carol'] as const) await approveBy(person, id);
        const drive = async (): Promise<void> => undefined;
        await advanceRequest({ ...parts, drive }, id);
        expect(await stateOf(id)).toBe('approved');
        await lock('person', name);
        expect(await codeOf(advanceRequest(parts, id))).toBe('LOCKED');
        expect(await stateOf(id)).toBe('approved');
        await unlock('person', name);
        await advanceRequest(parts, id);
        expect(await stateOf(id)).toBe('dispatched');
      },
    );

    it('a lock on a person leaves what they rejected rejected', async () => {
      const id = await requestBy(parts, 'alice', DRAFT);
      const token = await approvalBy(parts, 'bob', id, { decision: 'reject' });
      const decision = { approver: 'bob', decision: 'reject', reason: '', submittedBy: 'bob' } as const;
      await parts.approvals.add({ requestId: id, ...decision, token, trustVersion: BUNDLE.version });
      await lock('person', 'bob');
      for (const person of ['alice', 'carol'] as const) await approveBy(person, id);
      await advanceRequest(parts, id);
      expect(await stateOf(id)).not.toBe('dispatched');
    });

    it('a lock on a person is on the keys of the bundle: one with another key ends it', async () => {
      await lock('person', 'bob');
      const approvers = BUNDLE.approvers.map(each => (each.name === 'bob' ? entryOf('bob2') : each));
      const next = { ...BUNDLE, version: BUNDLE.version + 1, approvers };
      const { lockedKids } = parts.lockRegistry;
      const trust = trustSource({ site: SITE, newest: () => next, clock: parts.clock, lockedKids });
      expect(operatorKeys(trust.current()).keyring.has(keyId(KEYS.bob2.publicJwk))).toBe(true);
    });
  });

  it('on a controller keeps it from signing orders', async () => {
    parts.signer.check();
    await lock('controller', 'ctl-1');
    expect(() => parts.signer.check()).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  describe('on a host', () => {
    const { one } = HOSTS;
    const ask = async (name: string) => {
      const bytes = await ordersQueryOf(one, parts.clock.nowMs());
      return answerOrdersQuery(parts, { host: name, bytes });
    };

    it('a lock on a host keeps it from being heard and from getting orders', async () => {
      await ask(one.name);
      await lock('host', one.name);
      expect(await codeOf(ask(one.name))).toBe('LOCKED');
      const bytes = await helloOf(one, parts.clock.nowMs());
      expect(await codeOf(receiveHello(parts, { host: one.name, bytes }))).toBe('LOCKED');
      await unlock('host', one.name);
      await ask(one.name);
    });

    it('a lock on a host keeps it out of new requests', async () => {
      await lock('host', one.name);
      const id = await requestBy(parts, 'alice', DRAFT);
      expect((await parts.requests.find(id))?.expectedHosts).toBe(1);
      const { lockedHosts, locked } = await prepareRequest(parts, 'alice', DRAFT);
      expect([lockedHosts, locked]).toEqual([1, [{ host: one.name, reason: 'stolen' }]]);
      await expect(
        prepareRequest(parts, 'alice', { ...DRAFT, selector: `@${one.name}` }),
      ).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: `every host that '@demo-1' matches is locked: demo-1 (stolen); farcall unlock ends a lock`,
      });
    });

    it('a lock on a host is not passed by with a token for other keys', async () => {
      await lock('host', one.name);
      await removeHost(parts, one.name);
      const { secret, submission } = await enrolmentOf('bob', { host: one.name });
      await hostManagement(parts).create(submission, 'bob');
      const keys = await hostKeysBy({ ...one, key: KEYS.mallory }, secret);
      expect(await codeOf(parts.enrolments.redeem(keys))).toBe('LOCKED');
    });
  });

  it('a lock stands once on each name, and only on what there is', async () => {
    await lock('person', 'bob');
    expect(await codeOf(lock('person', 'bob'))).toBe('CONFLICT');
    expect(await codeOf(lock('person', 'mallory'))).toBe('NOT_FOUND');
    expect(await codeOf(lock('host', 'nowhere'))).toBe('NOT_FOUND');
    expect(await codeOf(unlock('controller', 'ctl-1'))).toBe('NOT_FOUND');
    expect(lockManagement(parts).list()).toMatchObject([
      { kind: 'person', name: 'bob', reason: 'stolen', lockedBy: 'carol' },
    ]);
  });

  it('a lock is set once by one signature, and ended once', async () => {
    const nowMs = parts.clock.nowMs();
    const token = await lockOf('carol', { nowMs, what: 'person', name: 'bob' });
    const management = lockManagement(parts);
    await management.lock({ token }, 'carol');
    const end = await unlockOf('carol', { nowMs, token });
    await management.unlock({ token: end }, 'carol');
    expect(await codeOf(management.lock({ token }, 'carol'))).toBe('CONFLICT');
    expect(await codeOf(management.unlock({ token: end }, 'carol'))).toBe('NOT_FOUND');
    expect(management.list()).toEqual([]);
  });

  it('a signature for the end of one lock does not end a later one', async () => {
    const { token } = await lock('person', 'bob');
    const end = await unlockOf('carol', { nowMs: parts.clock.nowMs(), token });
    await unlock('person', 'bob');
    parts.clock.advance(1000);
    await lock('person', 'bob');
    expect(await codeOf(lockManagement(parts).unlock({ token: end }, 'alice'))).toBe('NOT_FOUND');
    expect(lockManagement(parts).list()).toHaveLength(1);
  });

  it('a lock is by the person who signed it, and by no one who only hands it in; it takes the signature of an approver', async () => {
    const nowMs = parts.clock.nowMs();
    const token = await lockOf('carol', { nowMs, what: 'host', name: HOSTS.one.name });
    expect(await lockManagement(parts).lock({ token }, 'alice')).toMatchObject({ lockedBy: 'carol' });
    for (const by of ['mallory', 'ctl-1'] as const) {
      const forged = await lockOf(by, { nowMs, what: 'host', name: HOSTS.two.name });
      expect(await codeOf(lockManagement(parts).lock({ token: forged }, 'bob'))).toBe('TOKEN_KEY_UNKNOWN');
    }
  });

  it('a lock on a host is neither set nor ended by an approver for other hosts', async () => {
    const scopes = [{ may: 'approve' as const, person: 'carol', hosts: 'env=other' }];
    parts = controllerParts(bundleAt(START_MS, { scopes }));
    await introduce(parts);
    expect(await codeOf(lock('host', HOSTS.one.name))).toBe('SCOPE_EXCEEDED');
    expect((await parts.hostKeys.find(HOSTS.one.name))?.lockReason).toBeUndefined();
    await setLock(parts, 'bob', { kind: 'host', name: HOSTS.one.name });
    expect(await codeOf(unlock('host', HOSTS.one.name))).toBe('SCOPE_EXCEEDED');
    expect((await parts.hostKeys.find(HOSTS.one.name))?.lockReason).toBe('stolen');
    await lock('person', 'bob');
    expect(lockManagement(parts).list()).toHaveLength(2);
  });

  it('a lock on a host is set and ended by an approver for hosts with its labels', async () => {
    const scopes = [{ may: 'approve' as const, person: 'carol', hosts: 'env=demo' }];
    parts = controllerParts(bundleAt(START_MS, { scopes }));
    await introduce(parts);
    await lock('host', HOSTS.one.name);
    await unlock('host', HOSTS.one.name);
    expect(lockManagement(parts).list()).toEqual([]);
  });

  it('a lock is in the audit log, set and ended, with who and why', async () => {
    await lock('host', HOSTS.one.name);
    await unlock('host', HOSTS.one.name);
    const entries = (await audited()).filter(({ kind }) => kind.startsWith('lock-'));
    expect(entries.map(({ kind, actor, detail }) => [kind, actor, JSON.parse(detail).reason])).toEqual([
      ['lock-set', 'carol', 'stolen'],
      ['lock-ended', 'carol', 'found'],
    ]);
  });

  describe('at the broker', () => {
    let told: RevokedLogins[];
    let fails: boolean;
    const enforcer = () =>
      loginEnforcer({
        ...parts,
        brokerLogins: {
          async enforce(revoked) {
            if (fails) throw new FarcallError('UNREACHABLE', 'the broker is away');
            told.push(revoked);
            return true;
          },
        },
        credentialLifeMs: 7 * 86_400_000,
      });
    const nkeyOf = async (host: string) => (await parts.hostKeys.find(host))?.nkey ?? '';
    beforeEach(() => {
      told = [];
      fails = false;
    });

    it('the broker refuses the logins of locked hosts and controllers, until the lock ends', async () => {
      const nkey = await nkeyOf(HOSTS.one.name);
      await parts.locks.rememberLogin('ctl-1', 'UCTL');
      await parts.locks.rememberLogin('ctl-2', 'UOTHER');
      await lock('host', HOSTS.one.name);
      await lock('controller', 'ctl-1');
      expect(await enforcer().enforce()).toBe('changed');
      expect([...(told[0]?.keys() ?? [])].sort()).toEqual([nkey, 'UCTL'].sort());
      await unlock('host', HOSTS.one.name);
      await unlock('controller', 'ctl-1');
      await enforcer().enforce();
      expect(told[1]?.size).toBe(0);
    });

    it('the broker refuses the login of a removed host, as long as a credential for it could live', async () => {
      const nkey = await nkeyOf(HOSTS.one.name);
      await removeHost(parts, HOSTS.one.name);
      await enforcer().enforce();
      const removedAtS = Math.floor(parts.clock.nowMs() / 1000);
      expect([...(told[0] ?? [])]).toEqual([[nkey, removedAtS + 1]]);
      parts.clock.advance(8 * 86_400_000);
      await enforcer().enforce();
      expect(told[1]?.size).toBe(0);
    });

    it('the broker is told again until it can be, and compared every half minute', async () => {
      const keep = lockTask();
      const deps = {
        ...{ clock: parts.clock, loginEnforcer: enforcer() },
        lockRegistry: { refresh: async () => false },
      };
      fails = true;
      await keep(deps);
      await keep(deps);
      fails = false;
      await keep(deps);
      await keep(deps);
      expect(told).toHaveLength(1);
      parts.clock.advance(30_000);
      await keep(deps);
      expect(told).toHaveLength(2);
      await keep({ ...deps, lockRegistry: { refresh: async () => true } });
      expect(told).toHaveLength(3);
    });
  });
});
