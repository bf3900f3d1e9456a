import { describe, expect, it } from 'vitest';
import { tokenDigest } from '../../../shared/tokens/index.ts';
import {
  keysToLock,
  requireHostInScope,
  verifyEnrolment,
  verifyEnrolmentRevocation,
  verifyHostAcceptance,
  verifyHostRemoval,
  verifyLock,
  verifyUnlock,
} from '../../../shared/trust/index.ts';
import { BUNDLE, bundleAt, entryOf, KEYS, OTHER_SITE, START_MS } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { acceptanceOf, hostRemovalOf, lockOf, revocationOf, unlockOf } from '../../kit/decisions.ts';
import { enrolmentOf } from '../../kit/enrolment-kit.ts';

const NOW = { bundle: BUNDLE, nowMs: START_MS };
const labels = { role: 'web' };
const HELD = { labels, host: 'web-1', kid: KEYS.eve.kid, heldMs: START_MS - 5000 };
const MADE = { labels, enrolment: 'abcd1234', host: 'web-1' };

describe('decisions about the fleet', () => {
  it('a lock says what it is on, whose it is, and why', async () => {
    const token = await lockOf('bob', { what: 'host', name: 'web-1', reason: 'stolen' });
    expect(await verifyLock({ token, ...NOW })).toEqual({
      kind: 'host',
      name: 'web-1',
      by: 'bob',
      reason: 'stolen',
    });
  });

  it('the end of a lock names the lock by the token that set it', async () => {
    const token = await unlockOf('carol', { token: 'the lock' });
    expect(await verifyUnlock({ token, ...NOW })).toEqual({
      lock: tokenDigest('the lock'),
      by: 'carol',
      reason: 'found',
    });
  });

  it('an acceptance and a revocation say whose they are', async () => {
    const accepted = await acceptanceOf('bob', { host: HELD.host, kid: HELD.kid, heldMs: HELD.heldMs });
    expect(await verifyHostAcceptance({ token: accepted, ...HELD, ...NOW })).toEqual({
      by: 'bob',
      reason: 'a backup',
    });
    const revoked = await revocationOf('bob', { enrolment: MADE.enrolment, host: MADE.host });
    expect(await verifyEnrolmentRevocation({ token: revoked, ...MADE, ...NOW })).toBe('bob');
  });

  const verify = {
    lock: (token: string) => verifyLock({ token, ...NOW }),
    unlock: (token: string) => verifyUnlock({ token, ...NOW }),
    acceptance: (token: string) => verifyHostAcceptance({ token, ...HELD, ...NOW }),
    revocation: (token: string) => verifyEnrolmentRevocation({ token, ...MADE, ...NOW }),
  };
  const sign = {
    lock: (by: 'bob' | 'mallory' | 'ctl-1', changes: object) =>
      lockOf(by, { what: 'host', name: 'web-1', ...changes }),
    unlock: (by: 'bob' | 'mallory' | 'ctl-1', changes: object) =>
      unlockOf(by, { token: 'the lock', ...changes }),
    acceptance: (by: 'bob' | 'mallory' | 'ctl-1', changes: object) =>
      acceptanceOf(by, { host: HELD.host, kid: HELD.kid, heldMs: HELD.heldMs, ...changes }),
    revocation: (by: 'bob' | 'mallory' | 'ctl-1', changes: object) =>
      revocationOf(by, { enrolment: MADE.enrolment, host: MADE.host, ...changes }),
  };
  const decisions = Object.keys(verify) as (keyof typeof verify)[];

  it.each(decisions)(
    'a decision about the fleet counts only from an approver, here, and now: the %s',
    async kind => {
      const refused = async (by: 'bob' | 'mallory' | 'ctl-1', changes: object) =>
        codeOf(verify[kind](await sign[kind](by, changes)));
      expect(await refused('mallory', {})).toBe('TOKEN_KEY_UNKNOWN');
      expect(await refused('ctl-1', {})).toBe('TOKEN_KEY_UNKNOWN');
      expect(await refused('bob', { iss: 'carol' })).toBe('TOKEN_CLAIMS');
      expect(await refused('bob', { site: OTHER_SITE })).toBe('SITE_OTHER');
      expect(await refused('bob', { nowMs: START_MS - 3_600_000 })).toBe('TOKEN_EXPIRED');
      expect(await refused('bob', { exp: START_MS / 1000 + 7200 })).toBe('TOKEN_CLAIMS');
    },
  );

  it.each(decisions)('a decision about the fleet of one kind is none of another kind: the %s', async kind => {
    for (const other of decisions)
      if (other !== kind) expect(await codeOf(verify[kind](await sign[other]('bob', {})))).toMatch(/^TOKEN_/);
    const removal = await hostRemovalOf('bob', { host: HELD.host, kid: HELD.kid });
    expect(await codeOf(verify[kind](removal))).toMatch(/^TOKEN_/);
  });

  it.each([
    ['another host', { host: 'web-2' }],
    ['another machine of that name', { kid: KEYS.mallory.kid }],
    ['another hold', { heldMs: HELD.heldMs + 1 }],
  ])('an acceptance of %s lets no host go on', async (_what, changes) => {
    const token = await sign.acceptance('bob', changes);
    expect(await codeOf(verify.acceptance(token))).toBe('TOKEN_CLAIMS');
  });

  it.each([
    ['enrolment', { enrolment: 'other123' }],
    ['host', { host: 'web-2' }],
  ])('a revocation that names another %s revokes nothing', async (_what, changes) => {
    expect(await codeOf(verify.revocation(await sign.revocation('bob', changes)))).toBe('TOKEN_CLAIMS');
  });

  describe('by an approver for some hosts', () => {
    const limited = (...hosts: (string | undefined)[]) =>
      bundleAt(START_MS, {
        scopes: hosts.map(each => ({ may: 'approve', person: 'bob', ...(each && { hosts: each }) })),
      });
    const { kid, heldMs } = HELD;
    const decide: Record<string, (bundle: typeof BUNDLE) => Promise<unknown>> = {
      acceptance: async bundle => {
        const token = await acceptanceOf('bob', { host: 'web-1', kid, heldMs });
        return verifyHostAcceptance({ ...HELD, token, bundle, nowMs: START_MS });
      },
      revocation: async bundle => {
        const token = await revocationOf('bob', { enrolment: MADE.enrolment, host: 'web-1' });
        return verifyEnrolmentRevocation({ ...MADE, token, bundle, nowMs: START_MS });
      },
      removal: async bundle => {
        const token = await hostRemovalOf('bob', { host: 'web-1', kid });
        return verifyHostRemoval({ token, host: 'web-1', kid, labels, bundle, nowMs: START_MS });
      },
      enrolment: async bundle => {
        const { submission } = await enrolmentOf('bob', { host: 'web-1', labels, nowMs: START_MS });
        return verifyEnrolment({ ...submission, bundle, nowMs: START_MS });
      },
      lock: async bundle => requireHostInScope(bundle, 'bob', { host: 'web-1', labels }),
    };

    it.each(Object.keys(decide))(
      'an approver for some hosts does not decide about others: the %s',
      async kind => {
        expect(await codeOf(decide[kind]!(limited('role=db')))).toBe('SCOPE_EXCEEDED');
        expect(await codeOf(decide[kind]!(limited('role=db', 'host=web-2')))).toBe('SCOPE_EXCEEDED');
        await decide[kind]!(limited('role=db', 'role=web'));
        await decide[kind]!(limited('host=web-1'));
        await decide[kind]!(limited('role=db', undefined));
        await decide[kind]!(
          bundleAt(START_MS, { scopes: [{ may: 'approve', person: 'carol', hosts: 'role=db' }] }),
        );
        await decide[kind]!(
          bundleAt(START_MS, {
            requesters: [entryOf('bob')],
            scopes: [{ may: 'request', person: 'bob', hosts: 'role=db' }],
          }),
        );
      },
    );

    it('an approver for the hosts of a team does not decide about others', async () => {
      const teams = [{ name: 'db', members: ['bob'] }];
      const bundle = bundleAt(START_MS, {
        teams,
        scopes: [{ may: 'approve', team: 'db', hosts: 'role=db' }],
      });
      for (const each of Object.values(decide)) expect(await codeOf(each(bundle))).toBe('SCOPE_EXCEEDED');
    });
  });

  it('a lock is on the keys that the bundle lists, and on no key where it is on a host', () => {
    expect(keysToLock(BUNDLE, { kind: 'host', name: 'bob' })).toEqual([]);
    expect(keysToLock(BUNDLE, { kind: 'person', name: 'bob' })).toEqual([KEYS.bob.kid]);
    expect(() => keysToLock(BUNDLE, { kind: 'controller', name: 'bob' })).toThrow('has no controller bob');
  });
});
