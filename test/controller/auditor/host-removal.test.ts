import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDigest } from '../../../controller/store/index.ts';
import { BUNDLE, HOSTS, type Member, START_MS } from '../../kit/cast.ts';
import { controllerParts, introduce, removeHost } from '../../kit/controller-kit.ts';
import { hostRemovalOf } from '../../kit/decisions.ts';
import { findingsIn, makerOn, publishBundle, rechain, tampered } from './support/audited-store.ts';

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

  const findingsAfter = async (change: (database: DatabaseSync) => void): Promise<string[]> => {
    const findings = await findingsIn(
      tampered(file, database => {
        change(database);
        rechain(database);
      }),
    );
    return findings.filter(finding => / (host_removals|host_keys) /.test(finding));
  };

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
      const findings = await findingsAfter(database => exchange(database, token));
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

type Detail = Record<string, unknown>;

function editDetail(database: DatabaseSync, kind: string, edit: (detail: Detail) => Detail): void {
  for (const { seq, detail } of database.prepare('select seq, detail from audit where kind = ?').all(kind)) {
    const after = JSON.stringify(edit(JSON.parse(String(detail))));
    database.prepare('update audit set detail = ? where seq = ?').run(after, seq ?? 0);
  }
}

/** Puts `token` in the place of carol's, in her row and in the log. */
function exchange(database: DatabaseSync, token: string): void {
  const row = database.prepare("select token from host_removals where signer = 'carol'").get();
  const [before, after] = [auditDigest(String(row?.['token'])), auditDigest(token)];
  database.prepare("update host_removals set token = ? where signer = 'carol'").run(token);
  for (const kind of ['host-removal-signed', 'host-removed'])
    editDetail(database, kind, detail => JSON.parse(JSON.stringify(detail).replaceAll(before, after)));
}
