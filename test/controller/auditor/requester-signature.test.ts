import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDigest } from '../../../controller/store/index.ts';
import { type Member, OTHER_SITE, START_MS } from '../../kit/cast.ts';
import { requestTokenOf } from '../../kit/decisions.ts';
import {
  type AuditedStore,
  findingsIn,
  makeAuditedStore,
  rechain,
  tampered,
} from './support/audited-store.ts';

describe('the signature of a requester in the store', () => {
  let store: AuditedStore;
  const folder = mkdtempSync(join(tmpdir(), 'farcall-requester-'));
  beforeAll(async () => {
    store = await makeAuditedStore(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The findings after somebody exchanged the token of the pending request, and made the whole log fit. */
  const afterExchange = async (by: Member, changes: { iss?: string; site?: string } = {}) => {
    const id = store.requests.pending;
    let bytes = new Uint8Array();
    tampered(store.file, database => {
      bytes = new Uint8Array(
        database.prepare('select bytes from requests where id = ?').get(id)?.['bytes'] as Uint8Array,
      );
    });
    const token = await requestTokenOf(by, bytes, { nowMs: START_MS + 60_000, ...changes });
    const file = tampered(store.file, database => exchange(database, id, token));
    return (await findingsIn(file)).filter(finding => / requests /.test(finding));
  };

  it('the audit finds a request whose requester did not sign it, though the log was rewritten to fit', async () => {
    expect(await afterExchange('bob')).toEqual([expect.stringMatching(/^signature requests /)]);
    expect(await afterExchange('mallory', { iss: 'alice' })).toEqual([
      expect.stringMatching(/^signature requests /),
    ]);
  });

  it('the audit finds a request that its requester signed for another site', async () => {
    expect(await afterExchange('alice', { site: OTHER_SITE })).toEqual([
      expect.stringMatching(/^signature requests .*is for site/),
    ]);
  });

  it('the audit finds a token that is not the one that the log records', async () => {
    const file = tampered(
      store.file,
      `update requests set token = 'another' where id = '${store.requests.finished}'`,
    );
    expect(await findingsIn(file)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^digest requests req\d+: the signature of its requester/),
      ]),
    );
  });
});

function exchange(database: DatabaseSync, id: string, token: string): void {
  database.prepare('update requests set token = ? where id = ?').run(token, id);
  const entry = "kind = 'request-created' and request_id = ?";
  const row = database.prepare(`select detail from audit where ${entry}`).get(id);
  const detail = { ...JSON.parse(String(row?.['detail'])), token: auditDigest(token) };
  database.prepare(`update audit set detail = ? where ${entry}`).run(JSON.stringify(detail), id);
  rechain(database);
}
