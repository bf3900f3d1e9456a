import { beforeEach, describe, expect, it } from 'vitest';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { answerOrdersQuery } from '../../../controller/gather/index.ts';
import { verifyLabelsStatement } from '../../../shared/host-labels/index.ts';
import { labelsStatementCodec, ordersReplyCodec } from '../../../shared/messages/index.ts';
import { toHostSubject } from '../../../shared/subjects/index.ts';
import { BUNDLE, HOSTS, KEYS, OTHER_SITE } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  enrolAll,
  introduce,
  lock,
  removeHost,
  signLabels,
} from '../../kit/controller-kit.ts';
import { hostLabelsOf } from '../../kit/decisions.ts';
import { ordersQueryOf } from '../../kit/host-statements.ts';

describe('a change of the labels of a host', () => {
  let parts: ControllerParts;
  const { one } = HOSTS;
  const labelsOf = async (host = one.name) => (await parts.hostKeys.find(host))?.labels;
  const proposals = async () =>
    (await hostManagement(parts).labels(one.name)).proposals.map(({ signer }) => signer);

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    parts.bus.published.length = 0;
  });

  it('one approver alone changes no labels: the change is proposed, and says who else may sign', async () => {
    const view = await signLabels(parts, 'bob', one.name);
    expect(view).toMatchObject({ needed: 2, number: 0, labels: { env: 'demo' } });
    expect(view.able).toEqual(['alice', 'bob', 'carol']);
    expect(await proposals()).toEqual(['bob']);
    expect(await labelsOf()).toEqual({ env: 'demo' });
    expect(await hostManagement(parts).proposedLabels()).toEqual(new Map([[one.name, ['bob']]]));
    expect(parts.bus.published).toEqual([]);
  });

  it('two approvers change the labels of a host, which selectors go by at once, and the host gets them', async () => {
    await signLabels(parts, 'bob', one.name);
    const view = await signLabels(parts, 'carol', one.name);
    expect(view).toMatchObject({ number: 1, labels: { role: 'db' }, proposals: [] });
    expect(await labelsOf()).toEqual({ role: 'db' });
    expect((await parts.hosts.find(one.name))?.labelsNumber).toBe(1);
    expect(await hostManagement(parts).proposedLabels()).toEqual(new Map());
    const [sent] = parts.bus.published;
    expect(sent?.subject).toBe(toHostSubject(one.name, 'labels'));
    const statement = labelsStatementCodec.decode(sent?.bytes ?? new Uint8Array());
    const host = { host: one.name, kid: one.key.kid, labels: { env: 'demo' }, number: 0 };
    const taken = await verifyLabelsStatement(statement, {
      ...host,
      bundle: BUNDLE,
      nowMs: parts.clock.nowMs(),
    });
    expect(taken.by).toEqual(['bob', 'carol']);
    const entries = await parts.audit.page({ afterSeq: 0, limit: 1000 });
    expect(entries.filter(({ kind }) => /label/.test(kind)).map(({ kind, actor }) => [kind, actor])).toEqual([
      ['host-labels-signed', 'bob'],
      ['host-labels-signed', 'carol'],
      ['host-labelled', 'carol'],
    ]);
  });

  it('signatures for different labels are not counted together', async () => {
    await signLabels(parts, 'bob', one.name);
    await signLabels(parts, 'carol', one.name, { labels: { role: 'cache' } });
    expect(await proposals()).toEqual(['bob', 'carol']);
    expect(await labelsOf()).toEqual({ env: 'demo' });
    await signLabels(parts, 'alice', one.name, { labels: { role: 'cache' } });
    expect(await labelsOf()).toEqual({ role: 'cache' });
  });

  it('one approver who signs twice for labels is still one person', async () => {
    await signLabels(parts, 'bob', one.name);
    parts.clock.advance(1000);
    expect(await codeOf(signLabels(parts, 'bob', one.name, { reason: 'again' }))).toBe('CONFLICT');
    expect(await labelsOf()).toEqual({ env: 'demo' });
  });

  it('two approvers who sign for labels at the same moment change them once', async () => {
    await Promise.all([signLabels(parts, 'bob', one.name), signLabels(parts, 'carol', one.name)]);
    expect(await hostManagement(parts).labels(one.name)).toMatchObject({ number: 1, labels: { role: 'db' } });
  });

  it('an approver who locks all others still cannot change labels alone', async () => {
    for (const name of ['alice', 'carol']) await lock(parts, 'bob', { kind: 'person', name });
    expect(await signLabels(parts, 'bob', one.name)).toMatchObject({ needed: 2, able: ['bob'] });
    expect(await labelsOf()).toEqual({ env: 'demo' });
  });

  it('a signature for labels of an approver who is locked by now does not count', async () => {
    await signLabels(parts, 'bob', one.name);
    await lock(parts, 'carol', { kind: 'person', name: 'bob' });
    await signLabels(parts, 'carol', one.name);
    expect([await proposals(), await labelsOf()]).toEqual([['carol'], { env: 'demo' }]);
  });

  it('a signature for an earlier change, or one that was used, changes no labels', async () => {
    const about = { host: one.name, kid: one.key.kid, labels: { role: 'db' } };
    const [bobs, carols] = [await hostLabelsOf('bob', about), await hostLabelsOf('carol', about)];
    const label = (token: string) => hostManagement(parts).label({ host: one.name, token }, 'ctl-1');
    await label(bobs);
    await label(carols);
    for (const person of ['bob', 'carol'] as const)
      await signLabels(parts, person, one.name, { labels: { role: 'cache' } });
    for (const token of [bobs, carols]) expect(await codeOf(label(token))).toBe('CONFLICT');
    expect(await labelsOf()).toEqual({ role: 'cache' });
  });

  it('labels that were signed for a machine are not those of the next machine of that name', async () => {
    await signLabels(parts, 'bob', one.name);
    await removeHost(parts, one.name);
    await enrolAll(parts, [{ ...one, key: KEYS.eve }]);
    expect([await proposals(), await labelsOf()]).toEqual([[], { env: 'demo' }]);
    const token = await hostLabelsOf('carol', { host: one.name, kid: one.key.kid, labels: { role: 'db' } });
    expect(await codeOf(hostManagement(parts).label({ host: one.name, token }, 'carol'))).toBe(
      'TOKEN_CLAIMS',
    );
  });

  it.each([
    ['by somebody who is in no bundle', 'mallory', {}, 'TOKEN_KEY_UNKNOWN'],
    ['by a controller', 'ctl-1', {}, 'TOKEN_KEY_UNKNOWN'],
    ['by an approver in the name of another one', 'bob', { iss: 'carol' }, 'TOKEN_CLAIMS'],
    ['of another host', 'bob', { host: 'demo-2' }, 'TOKEN_CLAIMS'],
    ['for another site', 'bob', { site: OTHER_SITE }, 'SITE_OTHER'],
    ['that have the name of a fact', 'bob', { labels: { kernel: '6.1' } }, 'TOKEN_CLAIMS'],
  ] as const)('a signature for labels %s is refused', async (_what, by, changes, code) => {
    expect(await codeOf(signLabels(parts, by, one.name, changes))).toBe(code);
    expect(await proposals()).toEqual([]);
  });

  it('a host that was away gets the changes of its labels that it lacks when it asks for orders', async () => {
    for (const role of ['db', 'cache'])
      for (const person of ['bob', 'carol'] as const)
        await signLabels(parts, person, one.name, { labels: { role } });
    const ask = async () => {
      const bytes = await ordersQueryOf(one, parts.clock.nowMs());
      return ordersReplyCodec.decode(await answerOrdersQuery(parts, { host: one.name, bytes })).labels;
    };
    expect((await ask()).map(({ tokens }) => tokens.length)).toEqual([2, 2]);
    expect(await parts.hostLabels.changesAfter(one.name, 1)).toHaveLength(1);
    expect(await parts.hostLabels.changesAfter(one.name, 2)).toEqual([]);
  });

  it('labels are changed while the broker is away, and the host gets them when it asks', async () => {
    parts.bus.isAway = true;
    await signLabels(parts, 'bob', one.name);
    expect(await signLabels(parts, 'carol', one.name)).toMatchObject({ number: 1 });
  });
});
