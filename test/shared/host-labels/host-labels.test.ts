import { describe, expect, it } from 'vitest';
import { hostLabellers, verifyLabelsStatement } from '../../../shared/host-labels/index.ts';
import { checkTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, entryOf, KEYS, type Member, OTHER_SITE, START_MS } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { hostLabelsOf } from '../../kit/decisions.ts';

const HOST = { host: 'web-1', kid: KEYS.eve.kid, labels: { role: 'web' }, number: 0 };
const DB = { role: 'db' };

describe('labels that approvers give a host', () => {
  const sign = (by: Member, changes: object = {}) =>
    hostLabelsOf(by, { host: HOST.host, kid: HOST.kid, labels: DB, ...changes });
  const verify = (tokens: string[], changes: object = {}, bundle: TrustBundle = BUNDLE) =>
    verifyLabelsStatement({ tokens }, { ...HOST, bundle, nowMs: START_MS, ...changes });
  const both = async (changes: object = {}) => [await sign('bob', changes), await sign('carol', changes)];
  const scoped = (scopes: TrustBundle['scopes']) => checkTrustBundle({ ...BUNDLE, scopes });

  it('two approvers who sign for the same labels give them to a host', async () => {
    expect(await verify(await both())).toEqual({ number: 1, labels: DB, by: ['bob', 'carol'] });
  });

  it('one approver gives no host labels, not with two signatures or two keys either', async () => {
    const twice = [await sign('bob'), await sign('bob', { reason: 'again' })];
    expect(await codeOf(verify([await sign('bob')]))).toBe('APPROVALS_INSUFFICIENT');
    expect(await codeOf(verify(twice))).toBe('APPROVALS_INSUFFICIENT');
    const bundle = checkTrustBundle({ ...BUNDLE, approvers: [entryOf('bob', 'bob2'), entryOf('carol')] });
    const keys = [await sign('bob'), await sign('bob2')];
    expect(await codeOf(verify(keys, {}, bundle))).toBe('APPROVALS_INSUFFICIENT');
  });

  it('the only approver of a bundle gives a host labels alone', async () => {
    const bundle = checkTrustBundle({
      ...BUNDLE,
      approvers: [entryOf('bob')],
      thresholds: { standard: { read: 1, call: 1, write: 1 } },
    });
    expect((await verify([await sign('bob')], {}, bundle)).by).toEqual(['bob']);
  });

  it.each([
    ['of another host', { host: 'web-2' }, 'TOKEN_CLAIMS'],
    ['of an earlier machine of that name', { kid: KEYS.mallory.kid }, 'TOKEN_CLAIMS'],
    ['for another site', { site: OTHER_SITE }, 'SITE_OTHER'],
    ['that have ended', { nowMs: START_MS - 2 * 3_600_000 }, 'TOKEN_EXPIRED'],
    ['that would count for longer than thirty days', { exp: START_MS / 1000 + 31 * 86_400 }, 'TOKEN_CLAIMS'],
  ])('labels %s are not taken', async (_what, changes, code) => {
    expect(await codeOf(verify(await both(changes)))).toBe(code);
  });

  it('labels by somebody who is no approver, or a controller, are not taken', async () => {
    for (const by of ['mallory', 'ctl-1'] as const)
      expect(await codeOf(verify([await sign('bob'), await sign(by)]))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await codeOf(verify([await sign('bob'), await sign('bob', { iss: 'carol' })]))).toBe(
      'TOKEN_CLAIMS',
    );
  });

  it('signatures for different labels, or different changes, are not put together', async () => {
    const others = [{ labels: { role: 'web' } }, { labels: { ...DB, env: 'prod' } }, { number: 2 }];
    for (const other of others)
      expect(await codeOf(verify([await sign('bob'), await sign('carol', other)]))).toBe('TOKEN_CLAIMS');
  });

  it('an older change of labels does not put a host back, and the same one does not count twice', async () => {
    const older = await both({ number: 2 });
    expect((await verify(older, { number: 1 })).number).toBe(2);
    for (const number of [2, 3]) expect(await codeOf(verify(older, { number }))).toBe('TOKEN_CLAIMS');
  });

  it('nobody whose scope ends at some hosts moves a host into it, or out of it', async () => {
    const bundle = scoped([{ may: 'approve', person: 'carol', hosts: 'role=db' }]);
    expect(await codeOf(verify(await both(), {}, bundle))).toBe('SCOPE_EXCEEDED');
    const out = await both({ labels: { role: 'web' } });
    expect(await codeOf(verify(out, { labels: DB }, bundle))).toBe('SCOPE_EXCEEDED');
    const within = await both({ labels: { ...DB, tier: '2' } });
    expect((await verify(within, { labels: DB }, bundle)).by).toEqual(['bob', 'carol']);
  });

  it.each([
    ['reads', { effects: ['read' as const] }],
    ['some functions', { functions: ['_printk'] }],
    ['emergencies', { policies: ['emergency' as const] }],
  ])('somebody who may approve only %s gives no host labels', async (_what, limits) => {
    const bundle = scoped([{ may: 'approve', person: 'carol', ...limits }]);
    expect(await codeOf(verify(await both(), {}, bundle))).toBe('SCOPE_EXCEEDED');
    expect(hostLabellers(bundle, HOST, START_MS)).toEqual(['alice', 'bob']);
  });
});
