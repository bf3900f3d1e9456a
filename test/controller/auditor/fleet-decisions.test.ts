import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDigest } from '../../../controller/store/index.ts';
import { HOSTS, KEYS, type Member, OTHER_SITE, START_MS } from '../../kit/cast.ts';
import { acceptanceOf, lockOf, revocationOf, unlockOf } from '../../kit/decisions.ts';
import {
  type AuditedStore,
  findingsIn,
  macAgain,
  makeAuditedStore,
  rechain,
  tampered,
} from './support/audited-store.ts';

type Table = 'locks' | 'host_acceptances' | 'enrolments';

/** Where the token of a decision lies, and how somebody makes another one. */
interface Decision {
  readonly table: Table;
  readonly column: string;
  readonly make: (by: Member, row: Row, changes: object) => Promise<string>;
}

type Row = Readonly<Record<string, unknown>>;

const DECISIONS = {
  lock: {
    table: 'locks',
    column: 'token',
    make: (by, row, changes) =>
      lockOf(by, { nowMs: Number(row['locked_at_ms']), what: 'person', name: 'carol', ...changes }),
  },
  'end of a lock': {
    table: 'locks',
    column: 'end_token',
    make: (by, row, changes) =>
      unlockOf(by, { nowMs: Number(row['ended_at_ms']), token: String(row['token']), ...changes }),
  },
  'acceptance of a host that went back': {
    table: 'host_acceptances',
    column: 'token',
    make: (by, row, changes) => {
      const of = { host: HOSTS.two.name, kid: HOSTS.two.key.kid, heldMs: Number(row['held_ms']) };
      return acceptanceOf(by, { nowMs: Number(row['accepted_at_ms']), ...of, ...changes });
    },
  },
  'revocation of an enrolment': {
    table: 'enrolments',
    column: 'revocation',
    make: (by, row, changes) => {
      const of = { enrolment: String(row['id']), host: 'never' };
      return revocationOf(by, { nowMs: Number(row['revoked_at_ms']), ...of, ...changes });
    },
  },
} as const satisfies Record<string, Decision>;

/** Tokens that are no decision of the person whom the log names. */
const FORGERIES: readonly (readonly [string, { readonly by?: Member; readonly [claim: string]: unknown }])[] =
  [
    ['signed by somebody outside of the trust bundle', { by: 'mallory' }],
    ['signed by the controller', { by: 'ctl-1' }],
    ['signed by another approver', { by: 'alice' }],
    ['signed for another site', { site: OTHER_SITE }],
    ['signed long before', { nowMs: START_MS - 7_200_000 }],
  ];

describe('what people decide about the fleet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-decisions-'));
  let store: AuditedStore;
  beforeAll(async () => {
    store = await makeAuditedStore(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /**
   * What the audit finds after somebody with the store key put another token in the place of that of a
   * decision, in its row and in the log, and made the chain fit.
   */
  async function findingsAfter(
    { table, column, make }: Decision,
    { by, ...changes }: { readonly by: Member },
  ): Promise<string[]> {
    let row: Row = {};
    const find = (database: DatabaseSync): void => {
      row =
        database.prepare(`select * from ${table} where ${column} is not null order by rowid desc`).get() ??
        {};
      if (table === 'enrolments')
        row = database.prepare('select * from enrolments where revocation is not null').get() ?? {};
    };
    tampered(store.file, find);
    const before = String(row[column]);
    const token = await make(by, row, changes);
    const changed = tampered(store.file, database => {
      database.prepare(`update ${table} set ${column} = ? where ${column} = ?`).run(token, before);
      const replace = database.prepare('update audit set detail = replace(detail, ?, ?)');
      replace.run(auditDigest(before), auditDigest(token));
      if (table === 'enrolments') macAgain(database, table);
      rechain(database);
    });
    return (await findingsIn(changed)).filter(finding => finding.includes(` ${table} `));
  }

  it('the audit finds nothing wrong with what approvers decided about the fleet', async () => {
    expect(await findingsIn(store.file)).toEqual([]);
  });

  it.each(
    Object.keys(DECISIONS).flatMap(kind =>
      FORGERIES.map(([how, changes]) => [kind, how, { by: signerOf(kind), ...changes }] as const),
    ),
  )('the audit finds that the %s is %s, though the log was rewritten to fit', async (kind, _how, changes) => {
    expect(await findingsAfter(DECISIONS[kind as keyof typeof DECISIONS], changes)).toContainEqual(
      expect.stringMatching(/^(signature|content) /),
    );
  });

  it('the audit finds a lock on other keys than those of the person, though the log was rewritten to fit', async () => {
    const changed = tampered(store.file, database => {
      const kids = JSON.stringify([KEYS.alice.kid]);
      database.prepare("update locks set kids = ? where name = 'carol'").run(kids);
      const set = "update audit set detail = json_set(detail, '$.kids', json(?)) where kind = 'lock-set'";
      database.prepare(set).run(kids);
      rechain(database);
    });
    expect(await findingsIn(changed)).toContainEqual(
      expect.stringMatching(/^content locks .*it is on other keys than those of the trust bundle/),
    );
  });

  it.each<[string, keyof typeof DECISIONS, object]>([
    ['a lock on another person', 'lock', { name: 'alice' }],
    ['a lock on a host of that name', 'lock', { what: 'host' }],
    ['a lock for another reason', 'lock', { reason: 'another one' }],
    ['the end of another lock', 'end of a lock', { lock: 'A'.repeat(43) }],
    ['the end of a lock for another reason', 'end of a lock', { reason: 'another one' }],
    ['an acceptance of another host', 'acceptance of a host that went back', { host: 'demo-1' }],
    ['an acceptance of another machine', 'acceptance of a host that went back', { kid: 'A'.repeat(43) }],
    ['an acceptance after another hold', 'acceptance of a host that went back', { heldMs: 1 }],
    ['a revocation of another enrolment', 'revocation of an enrolment', { enrolment: 'other' }],
    ['a revocation of an enrolment for another host', 'revocation of an enrolment', { host: 'other' }],
  ])('the audit finds that an approver signed %s than the one in the store', async (_what, kind, changes) => {
    const findings = await findingsAfter(DECISIONS[kind], { by: signerOf(kind), ...changes });
    expect(findings).toContainEqual(expect.stringMatching(/^(signature|content) /));
  });
});

/** Who signed in the story of the audited store. */
function signerOf(what: string): Member {
  return what === 'revocation of an enrolment' ? 'carol' : 'bob';
}
