import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDigest } from '../../../controller/store/index.ts';
import type { TokenContent } from '../../../shared/tokens/index.ts';
import type { Member } from '../../kit/cast.ts';
import { actionOf } from '../../kit/decisions.ts';
import { findingsIn, rechain, tampered } from './support/audited-store.ts';
import { makeRolloutStore, type RolloutStoreFile } from './support/rollout-store.ts';

describe('a promotion in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-actions-'));
  let store: RolloutStoreFile;
  let promotion: { readonly token: string; readonly bytes: Uint8Array; readonly atMs: number };

  beforeAll(async () => {
    store = await makeRolloutStore(folder);
    const database = new DatabaseSync(store.file, { readOnly: true });
    const query = `select a.token, r.bytes, a.made_at_ms from rollout_actions a
      join requests r on r.id = a.request_id where a.action = 'promote'`;
    const row = database.prepare(query).get();
    const bytes = new Uint8Array(row?.['bytes'] as Uint8Array);
    promotion = { token: String(row?.['token']), bytes, atMs: Number(row?.['made_at_ms']) };
    database.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the audit finds after the token of the promotion was exchanged, and the log was made to fit. */
  const findingsWith = async (by: Member, changes: Partial<TokenContent<'action'>>): Promise<string[]> => {
    const { bytes, atMs } = promotion;
    const token = await actionOf(by, bytes, { action: 'promote', wave: 1, nowMs: atMs, ...changes });
    const file = tampered(store.file, database => exchange(database, promotion.token, token));
    return (await findingsIn(file)).filter(finding => / rollout_actions /.test(finding));
  };

  it('the audit finds nothing wrong with actions that people signed', async () => {
    expect(await findingsWith('bob', {})).toEqual([]);
  });

  it.each([
    ['somebody else signed in that person’s name', 'mallory', { iss: 'bob' }, /^signature /],
    ['the controller signed in that person’s name', 'ctl-1', { iss: 'bob' }, /^signature /],
    ['another person signed', 'carol', {}, /^content .*it is signed by carol/],
    ['was signed for another request', 'bob', { req: 'A'.repeat(43) }, /^signature .*another request/],
    ['was signed as another action', 'bob', { action: 'resume' }, /^content .*its token says resume/],
    ['was signed at another wave', 'bob', { wave: 2 }, /^content .*about wave 2/],
    ['was signed with another reason', 'bob', { reason: 'other' }, /^content .*another reason/],
  ] as const)(
    'the audit finds a promotion that %s, though the log was rewritten to fit',
    async (_how, by, changes, finding) => {
      expect(await findingsWith(by, changes)).toEqual([expect.stringMatching(finding)]);
    },
  );

  it('the audit finds a promotion that nobody signed, though the log was rewritten to fit', async () => {
    const file = tampered(store.file, database => {
      database.prepare('delete from rollout_actions where token = ?').run(promotion.token);
      rechain(database);
    });
    expect(await findingsIn(file)).toContainEqual(expect.stringMatching(/^missing rollout_actions /));
  });
});

function exchange(database: DatabaseSync, before: string, after: string): void {
  database.prepare('update rollout_actions set token = ? where token = ?').run(after, before);
  const [old, fresh] = [auditDigest(before), auditDigest(after)];
  database.prepare('update audit set detail = replace(detail, ?, ?)').run(old, fresh);
  rechain(database);
}
