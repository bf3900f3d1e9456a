import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeHostKey, openIdentity } from '../../../agent/identity/index.ts';
import { takeLabels } from '../../../agent/labels/index.ts';
import { createLogger } from '../../../controller/log/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { BUNDLE, SITE, START_MS } from '../../kit/cast.ts';
import { codeOf, type TestClock, testClock } from '../../kit/controller-kit.ts';
import { hostLabelsOf } from '../../kit/decisions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ENROLLED = { role: 'web' };

describe('labels on a host', () => {
  let stateDirectory: string;
  let clock: TestClock;
  let counters: CounterSet;
  let identity: ReturnType<typeof openIdentity>;
  let bundleIsOver: boolean;
  const open = () => openIdentity({ stateDirectory, host: 'web-1', site: SITE, labels: ENROLLED });
  const own = () => {
    const { host: _name, ...labels } = identity.labels;
    return labels;
  };
  const signed = async (number: number, labels: Record<string, string>, by = ['bob', 'carol'] as const) => ({
    tokens: await Promise.all(
      by.map(person => hostLabelsOf(person, { host: 'web-1', kid: identity.key.kid, number, labels })),
    ),
  });
  const take = (...statements: Awaited<ReturnType<typeof signed>>[]) => {
    const statementsOfController = { acknowledged: true } as never;
    const now = () => ({ bundle: BUNDLE, bundleIsOver, statements: statementsOfController });
    const log = createLogger('silent');
    return takeLabels({ identity, trust: { now }, clock, counters, log }, statements);
  };

  beforeEach(() => {
    stateDirectory = temporaryDirectory();
    clock = testClock();
    counters = new CounterSet();
    bundleIsOver = false;
    makeHostKey(stateDirectory);
    identity = open();
  });

  it('a host takes labels that two approvers signed, and has them after a restart', async () => {
    expect(own()).toEqual(ENROLLED);
    expect(await take(await signed(1, { role: 'db' }))).toBe(true);
    expect(own()).toEqual({ role: 'db' });
    identity = open();
    expect([own(), identity.heldLabels.number]).toEqual([{ role: 'db' }, 1]);
    expect(statSync(join(stateDirectory, 'labels.json')).mode & 0o777).toBe(0o600);
  });

  it('a host keeps its labels where one person signed, and says so in its counters', async () => {
    expect(await take({ tokens: (await signed(1, { role: 'db' })).tokens.slice(0, 1) })).toBe(false);
    expect(own()).toEqual(ENROLLED);
    expect(counters.all()).toMatchObject({ 'labels.refused.APPROVALS_INSUFFICIENT': 1 });
  });

  it('an older change of labels that is sent again does not put a host back, not after a restart either', async () => {
    const [first, second] = [await signed(1, { role: 'db' }), await signed(2, { role: 'cache' })];
    expect(await take(first, second)).toBe(true);
    identity = open();
    expect(await take(first)).toBe(false);
    expect(await take(second)).toBe(false);
    expect(own()).toEqual({ role: 'cache' });
  });

  it('a host under an expired trust bundle takes no labels', async () => {
    bundleIsOver = true;
    expect(await take(await signed(1, { role: 'db' }))).toBe(false);
    expect(own()).toEqual(ENROLLED);
  });

  it('a host that takes two changes at once ends with the newer one', async () => {
    const [first, second] = [await signed(1, { role: 'db' }), await signed(2, { role: 'cache' })];
    await Promise.all([take(second), take(first), take(second)]);
    expect([own(), identity.heldLabels.number]).toEqual([{ role: 'cache' }, 2]);
  });

  it('a machine that is enrolled again has the labels of its enrolment, and none of its earlier life', async () => {
    await take(await signed(1, { role: 'db' }));
    const path = join(stateDirectory, 'labels.json');
    const stored = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...stored, kid: 'another' }));
    identity = open();
    expect([own(), identity.heldLabels.number]).toEqual([ENROLLED, 0]);
  });

  it('an agent whose file of labels is damaged does not start with other labels', async () => {
    await take(await signed(1, { role: 'db' }));
    for (const text of ['', '{', '{"kid":1}', JSON.stringify({ kid: 'x', number: -1, labels: {}, by: [] })]) {
      writeFileSync(join(stateDirectory, 'labels.json'), text);
      expect(await codeOf((async () => open())())).toBe('FILE_UNREADABLE');
    }
    expect(START_MS).toBe(clock.nowMs());
  });
});
