import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyStore } from '../../../controller/auditor/index.ts';
import { digestText, sha256, type TokenContent } from '../../../shared/tokens/index.ts';
import { BUNDLE, type Member, OTHER_SITE, pinnedOf, ROOTS } from '../../kit/cast.ts';
import {
  approvalBy,
  approve,
  type ControllerParts,
  controllerParts,
  DRAFT,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { statementBy, witness } from '../../kit/keys/witness-kit.ts';
import { STORE_KEY } from '../../kit/store-kit.ts';
import { findingsIn, makerOn, publishBundle, rechain, tampered } from './support/audited-store.ts';

/** Statements that do not count, each with who signs it, what is changed, and what the audit says. */
const WRONG: readonly [string, Member, Partial<TokenContent<'witness'>>, RegExp][] = [
  ['from another site', 'carol', { site: OTHER_SITE }, /^signature .*: is for site /],
  ['by somebody who is not in the trust bundle', 'mallory', { iss: 'carol' }, /^signature .*no trusted key/],
  ['by a controller', 'ctl-1', { iss: 'carol' }, /^signature .*no trusted key/],
  ['in the name of another', 'bob', { iss: 'carol' }, /^signature .*bob's key in the name of carol/],
  ['of another store', 'carol', { store: '0'.repeat(32) }, /^witness .*carol witnessed .* of the store 0000/],
  ['about entries that never were', 'carol', { seq: 99_999 }, /^witness .*carol witnessed .*the log was cut/],
];

describe('an audit with statements of witnesses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
  const file = join(folder, 'farcall.db');
  let own: string;
  let seq: number;
  /** Statements that were never handed in, by what is wrong with them. */
  const signed = new Map<string, string>();

  beforeAll(async () => {
    const parts = controllerParts(BUNDLE, file);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    await maker.make();
    seq = (await parts.audit.head()).seq;
    own = await witness(parts, 'carol');
    const hash = digestText(sha256(Buffer.of(1)));
    signed.set('about another history', await statementBy(parts, 'carol', { seq, hash }));
    for (const [name, by, changes] of WRONG) signed.set(name, await statementBy(parts, by, changes));
    await act(parts);
    await maker.make();
    await parts.store.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const kept = (...tokens: string[]): string[] => {
    const path = join(folder, 'statements');
    writeFileSync(path, tokens.map(token => `${token}\n`).join(''));
    return [path];
  };
  const findings = (store: string, ...tokens: string[]) => findingsIn(store, [], ROOTS, kept(...tokens));
  const withStatement = (change: (entry: { actor: string; detail: Record<string, unknown> }) => void) =>
    tampered(file, database => {
      const row = database.prepare("select * from audit where kind = 'log-witnessed'").get()!;
      const entry = { actor: String(row['actor']), detail: JSON.parse(String(row['detail'])) };
      change(entry);
      database
        .prepare("update audit set actor = ?, detail = ? where kind = 'log-witnessed'")
        .run(entry.actor, JSON.stringify(entry.detail));
      signAnew(database);
    });

  it('an audit with statements of witnesses finds nothing where the log is as it was witnessed', async () => {
    expect(await findings(file, own)).toEqual([]);
    expect(await findings(file, own.slice(0, 40), own)).toEqual([]);
  });

  it('an audit with statements of witnesses finds a log that was cut behind one, and names the witness', async () => {
    const cut = tampered(
      file,
      `delete from audit where seq >= ${seq}; delete from checkpoints where seq >= ${seq}`,
    );
    expect(await findings(cut, own)).toContainEqual(
      expect.stringMatching(/^witness file .*statements:1: carol witnessed entry \d+: the log was cut/),
    );
  });

  it('an audit with statements of witnesses finds a log that was rewritten, by a kept statement and by the one in the log', async () => {
    const rewritten = tampered(file, database => {
      database.exec("update audit set at_ms = at_ms + 1 where kind = 'host-enrolled'");
      signAnew(database);
    });
    const found = await findings(rewritten, own);
    const text = /: carol witnessed entry \d+: the log was rewritten/;
    expect(found.filter(finding => text.test(finding)).map(finding => finding.split(' ')[1])).toEqual([
      'audit',
      'file',
    ]);
  });

  it.each(WRONG.map(([name, , , problem]) => [name, problem] as const))(
    'an audit with statements of witnesses counts none that is %s, and says so',
    async (name, problem) => {
      const token = signed.get(name)!;
      expect(await findings(file, token)).toContainEqual(expect.stringMatching(problem));
      const logged = withStatement(({ detail }) => {
        detail['statement'] = token;
      });
      expect(await findings(logged)).toContainEqual(expect.stringMatching(problem));
    },
  );

  it('an audit with statements of witnesses finds two of one witness that contradict each other', async () => {
    expect(await findings(file, own, signed.get('about another history')!)).toContainEqual(
      expect.stringMatching(/^witness file \S+:2: carol witnessed .*they have seen two histories/),
    );
  });

  it.each<[string, (entry: { actor: string; detail: Record<string, unknown> }) => void, RegExp]>([
    ['another actor', entry => (entry.actor = 'bob'), /^content audit \d+: the statement is by carol/],
    ['another position', ({ detail }) => (detail['seq'] = 1), /^content audit \d+: .*about another entry/],
    [
      'a position that is not there yet',
      ({ detail }) => (detail['seq'] = 9999),
      /^state audit \d+: carol witnesses entry 9999, which is not there yet/,
    ],
    ['a bundle that does not count', ({ detail }) => (detail['trust'] = 99), /^trust audit \d+/],
  ])(
    'an audit with statements of witnesses finds an entry of one with %s',
    async (_name, change, problem) => {
      expect(await findings(withStatement(change))).toContainEqual(expect.stringMatching(problem));
    },
  );

  it('an audit with statements of witnesses finds a witness who goes back', async () => {
    const back = tampered(file, database => {
      database.exec(`insert into audit select (select max(seq) + 1 from audit), at_ms, kind, actor,
        request_id, host, detail, hash from audit where kind = 'log-witnessed'`);
      rechain(database);
    });
    expect(await findings(back)).toContainEqual(
      expect.stringMatching(/^state audit \d+: carol witnesses entry \d+ after entry \d+/),
    );
  });

  it('an audit with statements of witnesses does not count what a witness says of their own acts', async () => {
    const path = join(folder, 'own-acts.db');
    const parts = controllerParts(BUNDLE, path);
    const maker = await makerOn(parts);
    const summary = async () => {
      await maker.make();
      const options = { checkpointFiles: [], witnessFiles: [], storeKey: STORE_KEY, report: () => undefined };
      return verifyStore({ store: { sqlite: path }, roots: pinnedOf(), ...options });
    };
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    expect(await summary()).toMatchObject({ witnesses: [], witnessedSeq: 0 });
    await witness(parts, 'carol');
    await act(parts, 'carol');
    await witness(parts, 'carol');
    const alone = await summary();
    const firstOwn = (await parts.audit.page({ kind: 'approval-added', afterSeq: 0, limit: 1 }))[0]!.seq;
    expect(alone.witnesses).toEqual([expect.objectContaining({ witness: 'carol' })]);
    expect(alone.witnessedSeq).toBe(firstOwn - 1);
    await witness(parts, 'bob');
    const { witnesses, witnessedSeq } = await summary();
    expect(witnesses.map(each => each.witness)).toEqual(['bob', 'carol']);
    expect(witnessedSeq).toBe(witnesses[0]!.seq);
    await parts.store.close();
  });
});

/** An approval of a request of Alice's. */
async function act(parts: ControllerParts, by: 'bob' | 'carol' = 'bob'): Promise<void> {
  const id = await requestBy(parts, 'alice', DRAFT);
  await approve(parts, by, { id, token: await approvalBy(parts, by, id) });
}

/** What somebody does who has the database: the chain fits again, and no checkpoint says otherwise. */
function signAnew(database: DatabaseSync): void {
  rechain(database);
  database.exec('delete from checkpoints');
}
