import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE, HOSTS, type Member, START_MS } from '../../kit/cast.ts';
import { controllerParts, introduce, removeHost } from '../../kit/controller-kit.ts';
import { hostRemovalOf } from '../../kit/decisions.ts';
import { findingsIn, makerOn, publishBundle, tampered } from './support/audited-store.ts';
import { findingsAfter as afterRewriting, editDetail, exchangeToken } from './support/rewritten-log.ts';

/** Carol's signature. */
const HERS = {
  table: 'host_removals',
  where: "signer = 'carol'",
  kinds: ['host-removal-signed', 'host-removed'],
};

describe('the removal of a host in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-removal-'));
  const file = join(folder, 'farcall.db');
  const { one } = HOSTS;

  beforeAll(async () => {
    const parts = controllerParts(BUNDLE, file);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    await removeHost(parts, one.name);
    parts.clock.advance(1000);
    await maker.make();
    await parts.store.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const findingsAfter = (change: (database: DatabaseSync) => void): Promise<string[]> =>
    afterRewriting(file, ['host_removals', 'host_keys'], change);

  it('the audit finds nothing wrong with a host that two people removed', async () => {
    expect(await findingsIn(file)).toEqual([]);
  });

  it('the audit finds a host that one person removed, though the log was rewritten to fit', async () => {
    const findings = await findingsAfter(database =>
      editDetail(database, 'host-removed', detail => ({
        ...detail,
        by: (detail['by'] as readonly { signer: string }[]).filter(({ signer }) => signer === 'bob'),
      })),
    );
    expect(findings).toEqual([
      expect.stringMatching(/^threshold host_keys .*was removed by bob; it takes 2 people/),
    ]);
  });

  it.each([
    ['somebody else signed in the name of an approver', 'mallory', { iss: 'carol' }],
    ['a controller signed', 'ctl-1', { iss: 'carol' }],
    ['an approver signed for another host', 'carol', { host: 'demo-2' }],
  ] as const)(
    'the audit finds a removal that %s, though the log was rewritten to fit',
    async (_how, by, changes) => {
      const token = await forged(by, changes);
      const findings = await findingsAfter(database => exchangeToken(database, token, HERS));
      expect(findings).toContainEqual(expect.stringMatching(/^signature host_removals /));
      expect(findings).toContainEqual(expect.stringMatching(/^threshold host_keys .*was removed by bob;/));
    },
  );

  async function forged(by: Member, changes: { iss?: string; host?: string }): Promise<string> {
    let kid = '';
    tampered(file, database => {
      kid = String(database.prepare('select kid from host_removals').get()?.['kid']);
    });
    return hostRemovalOf(by, { host: one.name, kid, nowMs: START_MS, ...changes });
  }
});
