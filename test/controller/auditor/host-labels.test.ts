import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE, HOSTS, type Member } from '../../kit/cast.ts';
import { controllerParts, introduce, signLabels } from '../../kit/controller-kit.ts';
import { hostLabelsOf } from '../../kit/decisions.ts';
import { findingsIn, makerOn, publishBundle } from './support/audited-store.ts';
import { findingsAfter as afterRewriting, editDetail, exchangeToken } from './support/rewritten-log.ts';

/** Carol's signature. */
const HERS = {
  table: 'host_labels',
  where: "signer = 'carol' and number = 1",
  kinds: ['host-labels-signed', 'host-labelled'],
};

describe('labels in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-labels-'));
  const file = join(folder, 'farcall.db');
  const { one, two } = HOSTS;

  beforeAll(async () => {
    const parts = controllerParts(BUNDLE, file);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    for (const person of ['bob', 'carol'] as const) await signLabels(parts, person, one.name);
    for (const person of ['carol', 'bob'] as const)
      await signLabels(parts, person, one.name, { labels: { role: 'cache' } });
    await signLabels(parts, 'bob', two.name);
    parts.clock.advance(1000);
    await maker.make();
    await parts.store.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const findingsAfter = (change: (database: DatabaseSync) => void): Promise<string[]> =>
    afterRewriting(file, ['host_labels', 'host_keys'], change);

  it('the audit finds nothing wrong with labels that two people changed', async () => {
    expect(await findingsIn(file)).toEqual([]);
  });

  it('the audit finds labels that one person changed, though the log was rewritten to fit', async () => {
    const findings = await findingsAfter(database =>
      editDetail(database, 'host-labelled', detail => ({
        ...detail,
        by: (detail['by'] as readonly { signer: string }[]).filter(({ signer }) => signer === 'bob'),
      })),
    );
    expect(findings).toContainEqual(
      expect.stringMatching(/^threshold host_keys .*change 1 of the labels of demo-1 is by bob; it takes 2/),
    );
  });

  it('the audit finds a host with other labels than people signed', async () => {
    const findings = await findingsAfter(database => {
      database.exec(`update host_keys set labels = '{"role":"web"}' where host = 'demo-1'`);
    });
    expect(findings).toContainEqual(
      expect.stringMatching(/^content host_keys .*labels are \{"role":"cache"\}/),
    );
  });

  it('the audit finds other labels, though the log was rewritten to fit', async () => {
    const findings = await findingsAfter(database => {
      for (const kind of ['host-labels-signed', 'host-labelled'])
        editDetail(database, kind, detail => ({ ...detail, labels: '{"role":"evil"}' }));
      database.exec(`update host_labels set labels = '{"role":"evil"}'`);
      database.exec(`update host_keys set labels = '{"role":"evil"}' where host = 'demo-1'`);
    });
    expect(findings).toContainEqual(
      expect.stringMatching(/^content host_labels .*its token is for other labels/),
    );
    expect(findings).toContainEqual(expect.stringMatching(/^threshold host_keys .*is by nobody/));
  });

  it.each([
    ['somebody else signed in the name of an approver', 'mallory', { iss: 'carol' }],
    ['a controller signed', 'ctl-1', { iss: 'carol' }],
    ['an approver signed for another host', 'carol', { host: 'demo-2' }],
    ['an approver signed for an earlier change', 'carol', { number: 7 }],
  ] as const)(
    'the audit finds labels that %s, though the log was rewritten to fit',
    async (_how, by, changes) => {
      const token = await forged(by, changes);
      const findings = await findingsAfter(database => exchangeToken(database, token, HERS));
      expect(findings).toContainEqual(expect.stringMatching(/^(signature|content) host_labels /));
      expect(findings).toContainEqual(expect.stringMatching(/^threshold host_keys .*is by bob;/));
    },
  );

  async function forged(by: Member, changes: object): Promise<string> {
    const about = { host: one.name, kid: one.key.kid, number: 1, labels: { role: 'db' } };
    return hostLabelsOf(by, { ...about, ...changes });
  }
});
