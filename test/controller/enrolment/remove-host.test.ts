import { beforeEach, describe, expect, it } from 'vitest';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { BUNDLE, bundleAt, entryOf, HOSTS, KEYS, OTHER_SITE, START_MS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  enrolAll,
  lock,
  removeHost,
  signRemoval,
} from '../../kit/controller-kit.ts';
import { hostRemovalOf } from '../../kit/decisions.ts';

const DAY_S = 24 * 3600;

describe('the removal of a host', () => {
  let parts: ControllerParts;
  const { one, two } = HOSTS;
  const isHost = async (host = one.name) => (await parts.hostKeys.find(host)) !== undefined;
  const removal = (host = one.name) => hostManagement(parts).removal(host);

  beforeEach(async () => {
    parts = controllerParts();
    await enrolAll(parts);
  });

  it('one approver alone cannot remove a host: the removal is proposed, and says who else may sign', async () => {
    const view = await signRemoval(parts, 'bob', one.name);
    expect(view).toMatchObject({ needed: 2, others: ['alice', 'carol'] });
    expect(view.signatures.map(({ signer, reason }) => [signer, reason])).toEqual([['bob', 'was scrapped']]);
    expect(view.removed).toBeUndefined();
    expect(await isHost()).toBe(true);
    expect(await hostManagement(parts).proposedRemovals()).toEqual(new Map([[one.name, ['bob']]]));
  });

  it('an approver for other hosts neither signs the removal of this one nor is named for it', async () => {
    const scopes = [{ may: 'approve' as const, person: 'carol', hosts: 'env=other' }];
    parts = controllerParts(bundleAt(START_MS, { scopes }));
    await enrolAll(parts);
    expect(await codeOf(signRemoval(parts, 'carol', one.name))).toBe('SCOPE_EXCEEDED');
    expect(await signRemoval(parts, 'bob', one.name)).toMatchObject({ needed: 2, others: ['alice'] });
    expect(await isHost()).toBe(true);
  });

  it('one approver who signs twice is still one person', async () => {
    await signRemoval(parts, 'bob', one.name);
    expect(await codeOf(signRemoval(parts, 'bob', one.name))).toBe('CONFLICT');
    parts.clock.advance(1000);
    expect(await codeOf(signRemoval(parts, 'bob', one.name, { reason: 'again' }))).toBe('CONFLICT');
    expect(await isHost()).toBe(true);
  });

  it('two keys of one approver are one person', async () => {
    parts = controllerParts(bundleAt(START_MS, { approvers: [entryOf('bob', 'bob2'), entryOf('carol')] }));
    await enrolAll(parts);
    await signRemoval(parts, 'bob', one.name);
    expect(await codeOf(signRemoval(parts, 'bob2', one.name))).toBe('CONFLICT');
    expect(await isHost()).toBe(true);
  });

  it('two approvers remove a host, and no other', async () => {
    await signRemoval(parts, 'bob', one.name);
    const view = await signRemoval(parts, 'carol', one.name);
    expect(view.removed).toBeDefined();
    expect([await isHost(), await isHost(two.name)]).toEqual([false, true]);
    const entries = await parts.audit.page({ afterSeq: 0, limit: 1000 });
    const kinds = entries.filter(({ kind }) => /remov/.test(kind)).map(({ kind, actor }) => [kind, actor]);
    expect(kinds).toEqual([
      ['host-removal-signed', 'bob'],
      ['host-removal-signed', 'carol'],
      ['host-removed', 'carol'],
    ]);
    expect(await codeOf(removal())).toBe('NOT_FOUND');
    expect(await hostManagement(parts).proposedRemovals()).toEqual(new Map());
  });

  it('two approvers who sign at the same moment remove a host', async () => {
    await Promise.all([signRemoval(parts, 'bob', one.name), signRemoval(parts, 'carol', one.name)]);
    expect(await isHost()).toBe(false);
  });

  it('the only approver of a bundle removes a host alone', async () => {
    parts = controllerParts(
      bundleAt(START_MS, {
        approvers: [entryOf('bob')],
        thresholds: { standard: { read: 1, call: 1, write: 1 } },
      }),
    );
    await enrolAll(parts);
    expect((await signRemoval(parts, 'bob', one.name)).needed).toBe(1);
    expect(await isHost()).toBe(false);
  });

  it('an approver who locks all others still cannot remove a host alone', async () => {
    for (const name of ['alice', 'carol']) await lock(parts, 'bob', { kind: 'person', name });
    expect(await signRemoval(parts, 'bob', one.name)).toMatchObject({ needed: 2, others: [] });
    expect(await isHost()).toBe(true);
  });

  it('the signature of an approver who is locked by now does not count for the removal', async () => {
    await signRemoval(parts, 'bob', one.name);
    await lock(parts, 'carol', { kind: 'person', name: 'bob' });
    expect((await signRemoval(parts, 'carol', one.name)).signatures.map(({ signer }) => signer)).toEqual([
      'carol',
    ]);
    expect(await isHost()).toBe(true);
  });

  it('a signature for the removal counts no more after its end', async () => {
    await signRemoval(parts, 'bob', one.name);
    parts.clock.advance(2 * 3_600_000);
    expect((await removal()).signatures).toEqual([]);
    await signRemoval(parts, 'carol', one.name);
    expect(await isHost()).toBe(true);
  });

  it('a signature for the removal does not count for another machine of that name', async () => {
    await signRemoval(parts, 'bob', one.name);
    await removeHost(parts, two.name);
    const { kid } = await parts.hostRemovals.find(one.name);
    const token = await hostRemovalOf('bob', { host: one.name, kid });
    await signRemoval(parts, 'carol', one.name);
    const later = { ...one, key: KEYS.eve };
    await enrolAll(parts, [later]);
    expect((await removal()).signatures).toEqual([]);
    const again = hostManagement(parts).remove({ host: one.name, token }, 'bob');
    expect(await codeOf(again)).toBe('TOKEN_CLAIMS');
    expect(await isHost()).toBe(true);
  });

  it('a signature for the removal is not used again after the same machine was enrolled again', async () => {
    const { kid } = await parts.hostRemovals.find(one.name);
    const [bobs, carols] = await Promise.all(
      (['bob', 'carol'] as const).map(person => hostRemovalOf(person, { host: one.name, kid })),
    );
    const remove = (token = '') => hostManagement(parts).remove({ host: one.name, token }, 'ctl-1');
    await remove(bobs);
    await remove(carols);
    await enrolAll(parts, [one]);
    expect(await codeOf(remove(bobs))).toBe('CONFLICT');
    expect(await isHost()).toBe(true);
  });

  it.each([
    ['by somebody who is in no bundle', 'mallory', {}, 'TOKEN_KEY_UNKNOWN'],
    ['by a controller', 'ctl-1', {}, 'TOKEN_KEY_UNKNOWN'],
    ['in the name of an approver', 'mallory', { iss: 'bob' }, 'TOKEN_KEY_UNKNOWN'],
    ['by an approver in the name of another one', 'bob', { iss: 'carol' }, 'TOKEN_CLAIMS'],
    ['of another host', 'bob', { host: 'demo-2' }, 'TOKEN_CLAIMS'],
    ['of the host with another key', 'bob', { kid: KEYS.eve.kid }, 'TOKEN_CLAIMS'],
    ['for another site', 'bob', { site: OTHER_SITE }, 'SITE_OTHER'],
    ['that lives longer than a week', 'bob', { exp: START_MS / 1000 + 7 * DAY_S + 1 }, 'TOKEN_CLAIMS'],
  ] as const)('a signature for the removal %s is refused', async (_what, by, changes, code) => {
    const { kid } = await parts.hostRemovals.find(one.name);
    const token = await hostRemovalOf(by, { host: one.name, kid, ...changes });
    const submitted = hostManagement(parts).remove({ host: one.name, token }, 'bob');
    expect(await codeOf(submitted)).toBe(code);
    expect((await removal()).signatures).toEqual([]);
  });

  it('a row that somebody wrote into the database counts for no removal', async () => {
    await signRemoval(parts, 'bob', one.name);
    const found = await parts.hostRemovals.find(one.name);
    const forged = {
      ...found,
      signatures: [...found.signatures, { ...found.signatures[0]!, signer: 'alice' }],
    };
    const hostRemovals = { ...parts.hostRemovals, find: async () => forged };
    const { others, signatures } = await hostManagement({ ...parts, hostRemovals }).removal(one.name);
    expect([others, signatures.map(({ signer }) => signer)]).toEqual([['alice', 'carol'], ['bob']]);
    expect(BUNDLE.approvers).toHaveLength(3);
  });
});
