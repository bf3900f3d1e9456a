import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../controller/audit/checkpoints/index.ts';
import { checkpointWitness, trustHistory, verifyStore } from '../../../controller/audit/index.ts';
import { receiveHello } from '../../../controller/gather/index.ts';
import { signToken } from '../../../shared/tokens/index.ts';
import { BUNDLE, codeOf, controllerParts, HOSTS, introduce, KEYS } from '../../kit/controller-kit.ts';
import { helloOf } from '../../kit/host-statements.ts';
import {
  type AuditedStore,
  auditFolder,
  findingsIn,
  makeAuditedStore,
  makerOn,
  rechain,
  tampered,
} from './support/audited-store.ts';

describe('audit verify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
  let store: AuditedStore;
  let tokens: string[];

  beforeAll(async () => {
    store = await makeAuditedStore(folder);
    tokens = readFileSync(store.checkpointFile, 'utf8').trim().split('\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds nothing in a store that is as the controller left it', async () => {
    expect(await findingsIn(store.file, [store.checkpointFile])).toEqual([]);
  });

  it('says what it looked at, and leaves the file as it was', async () => {
    const before = readFileSync(store.file);
    const trust = trustHistory([BUNDLE]);
    const report = () => undefined;
    const summary = await verifyStore({ storeFile: store.file, trust, checkpointFiles: [], report });
    expect(summary).toMatchObject({
      coveredSeq: summary.entries,
      findings: 0,
      rows: {
        ...{ hosts: 3, requests: 6, expected_hosts: 12, approvals: 8, aborts: 2 },
        ...{ orders: 3, results: 4 },
      },
    });
    expect(readFileSync(store.file).equals(before)).toBe(true);
  });

  const one = "request_id = 'req1000' and host = 'demo-1'";
  const tampering: readonly [string, string, RegExp][] = [
    ['an entry is edited', "update audit set actor = 'nobody' where seq = 2", /^chain audit 2: its hash/],
    [
      'an entry is removed',
      'delete from audit where seq = 2',
      /^chain audit 3: the entries from 2 to 2 are missing/,
    ],
    [
      'the first entry is removed',
      'delete from audit where seq = 1',
      /^chain audit 2: the entries from 1 to 1/,
    ],
    [
      'the newest entries are removed',
      'delete from audit where seq > 20',
      /^checkpoint checkpoints \d+: it proves that there were/,
    ],
    [
      'two entries change places',
      'update audit set seq = 99 where seq = 4; update audit set seq = 4 where seq = 5; update audit set seq = 5 where seq = 99',
      /^chain audit 4/,
    ],
    [
      'an entry of no known kind',
      "update audit set kind = 'nothing' where seq = 3",
      /^entry audit 3: there is no kind of entry 'nothing'/,
    ],
    ['an entry says nonsense', "update audit set detail = '{' where seq = 3", /^unreadable audit 3/],
    ['a host is removed', "delete from hosts where name = 'prod-1'", /^missing hosts prod-1/],
    [
      'a host is added',
      "insert into hosts select 'evil', kid, public_jwk, facts, facts_signature, facts_signed_at_s, first_seen_ms, last_seen_ms from hosts where name = 'prod-1'",
      /^unbacked hosts evil/,
    ],
    [
      'a host gets another key',
      `update hosts set public_jwk = (select public_jwk from hosts where name = 'demo-2'), kid = (select kid from hosts where name = 'demo-2') where name = 'demo-1'`,
      /^content hosts demo-1: its key is not/,
    ],
    [
      'old facts are put back',
      "update hosts set facts = (select facts from hosts where name = 'demo-2') where name = 'demo-1'",
      /^digest hosts demo-1: its facts are not/,
    ],
    ['a request is removed', "delete from requests where state = 'pending'", /^missing requests req/],
    [
      'a request is edited',
      "update requests set bytes = cast(bytes || x'00' as blob) where state = 'pending'",
      /^digest requests req\d+: its bytes/,
    ],
    [
      'a state is set back',
      "update requests set state = 'approved' where state = 'finished'",
      /^state requests req\d+: it is approved, and by the log finished/,
    ],
    [
      'an expected host is removed',
      "delete from expected_hosts where host = 'demo-1'",
      /^digest requests req\d+: the hosts in expected_hosts are not/,
    ],
    [
      'an expected host gets another outcome',
      "update expected_hosts set outcome = 'skipped' where host = 'demo-2'",
      /^state expected_hosts req\d+ demo-2: its outcome is skipped, and by the log/,
    ],
    [
      'a silent host gets an outcome',
      `update expected_hosts set outcome = 'returned' where outcome = 'expired'`,
      /^state expected_hosts req\d+ demo-1: its outcome is returned, and by the log expired/,
    ],
    [
      'an approval is removed',
      "delete from approvals where approver = 'carol'",
      /^missing approvals req\d+ carol/,
    ],
    [
      'an approval is given to another',
      "update approvals set approver = 'dave' where approver = 'carol'",
      /^unbacked approvals req\d+ dave/,
    ],
    [
      'approvals change places',
      "update approvals set token = (select token from approvals b where b.approver = 'bob' and b.request_id <> approvals.request_id) where approver = 'bob'",
      /^missing approvals req\d+ bob/,
    ],
    [
      'a rejection is said to be an approval',
      "update approvals set decision = 'approve' where decision = 'reject'",
      /^content approvals req\d+ carol .*: by the log the decision is reject/,
    ],
    [
      'a rejection is removed',
      "delete from approvals where decision = 'reject'",
      /^missing approvals req\d+ carol/,
    ],
    [
      'a rejection is said to have been taken back at another time',
      'update approvals set withdrawn_at_ms = withdrawn_at_ms + 1',
      /^content approvals req\d+ carol .*: it was taken back at another time/,
    ],
    [
      'what takes a decision back is another token',
      'update approvals set withdrawal = token where withdrawal is not null',
      /^digest approvals req\d+ carol .*: the token that takes it back/,
    ],
    ['an abort is removed', "delete from aborts where aborter = 'alice'", /^missing aborts req\d+/],
    [
      'an abort is given to another',
      "update aborts set aborter = 'carol' where aborter = 'bob'",
      /^content aborts req\d+: by the log it is bob's/,
    ],
    [
      'an abort gets another reason',
      "update aborts set reason = 'none'",
      /^content aborts req\d+: its token gives another reason/,
    ],
    [
      'aborts change places',
      'update aborts set envelope = (select envelope from aborts b where b.request_id <> aborts.request_id)',
      /^digest aborts req\d+: its envelope/,
    ],
    [
      'an abort is said to have gone out',
      'update aborts set published_at_ms = 1 where published_at_ms is null',
      /^content aborts req\d+: it was published at another time/,
    ],
    ['an order is removed', 'delete from orders', /^missing orders /],
    [
      'an order is edited',
      "update orders set envelope = cast(envelope || x'00' as blob)",
      /^digest orders .* its envelope/,
    ],
    [
      'an order is said to be unpublished',
      'update orders set published_at_ms = null',
      /^content orders .* published at another time/,
    ],
    [
      'a result is removed',
      "delete from results where late = 0 and host = 'demo-2'",
      /^missing results req\d+ demo-2 1 0/,
    ],
    ['a late result is removed', 'delete from results where late = 1', /^missing results req\d+ demo-1 1 1/],
    [
      'a result is given to another host',
      `update results set host = 'prod-1' where ${one} and late = 1`,
      /^unbacked results req\d+ prod-1/,
    ],
    [
      'a late result takes the place of the outcome',
      `update results set late = 2 where ${one} and late = 1; update results set late = 1 where ${one} and late = 0; update results set late = 0 where ${one} and late = 2`,
      /^digest results req\d+ demo-1 1 0/,
    ],
    [
      "two hosts' results are exchanged",
      `update results set host = 'x' where ${one} and late = 0; update results set host = 'demo-1' where host = 'demo-2' and late = 0; update results set host = 'demo-2' where host = 'x'`,
      /^content results req\d+ demo-1 1 0: it is a result of demo-2|^digest results req\d+ demo-1 1 0/,
    ],
    [
      'a signature is exchanged',
      'update results set signature = (select signature from results b where b.host <> results.host)',
      /^signature results req/,
    ],
    ['a trigger is dropped', '', /^structure store : the trigger audit_no_delete is missing/],
    [
      'a table is exchanged for a view',
      'alter table checkpoints rename to other; create view checkpoints as select * from other',
      /^structure store : the table checkpoints is missing/,
    ],
    [
      'the store gets another id',
      "update store_identity set id = 'ffffffffffffffffffffffffffffffff'",
      /^chain audit 1: its hash/,
    ],
    ['the id is removed', 'delete from store_identity', /^missing store_identity 1/],
    [
      'all checkpoints are removed',
      'delete from checkpoints',
      /^checkpoint audit \d+: no checkpoint vouches for any of it/,
    ],
    [
      'a checkpoint is moved',
      'update checkpoints set seq = seq + 1',
      /^content checkpoints \d+: its token is about entry/,
    ],
  ];
  it.each(tampering)('finds it where %s', async (name, statements, wanted) => {
    const copy = tampered(store.file, statements);
    if (name === 'a trigger is dropped') {
      const database = new DatabaseSync(copy);
      database.exec('drop trigger audit_no_delete');
      database.close();
    }
    const findings = await findingsIn(copy);
    expect(
      findings.filter(finding => wanted.test(finding)),
      findings.join('\n'),
    ).not.toEqual([]);
  });

  it('lists all that is wrong, not only the first', async () => {
    const copy = tampered(store.file, "update expected_hosts set arch = 'vax'; delete from approvals");
    const findings = await findingsIn(copy);
    expect(findings.filter(finding => finding.startsWith('missing approvals'))).toHaveLength(8);
    expect(findings.filter(finding => finding.startsWith('digest requests'))).toHaveLength(6);
  });

  it('a log that was rewritten as a whole contradicts the checkpoints in the store', async () => {
    const copy = tampered(store.file, database => {
      database.exec(
        "update audit set actor = 'mallory' where kind = 'approval-added' and actor = 'bob' and seq < 12",
      );
      rechain(database);
    });
    const findings = await findingsIn(copy);
    expect(
      findings.some(finding =>
        /^checkpoint checkpoints \d+: it proves that the log was rewritten/.test(finding),
      ),
    ).toBe(true);
    const bare = tampered(copy, 'delete from checkpoints');
    expect((await findingsIn(bare)).some(finding => finding.startsWith('checkpoint audit'))).toBe(true);
  });

  it('an edit of what no signature holds is found where the log was rewritten to fit', async () => {
    const copy = tampered(store.file, database => {
      database.exec("update audit set at_ms = at_ms + 1 where kind = 'host-given-up'");
      rechain(database);
    });
    expect((await findingsIn(copy)).every(finding => finding.startsWith('checkpoint'))).toBe(true);
    expect(await findingsIn(copy)).not.toEqual([]);
  });

  it("with the controller's key too, the log was rewritten: files and hosts prove it", async () => {
    const copy = await rewrittenWithKey();
    expect(await findingsIn(copy)).toEqual([]);
    const findings = await findingsIn(copy, [store.checkpointFile]);
    expect(findings.some(finding => finding.startsWith('checkpoint file'))).toBe(true);
    expect(findings.some(finding => finding.includes("a controller's key has signed two histories"))).toBe(
      true,
    );
  });

  async function rewrittenWithKey(): Promise<string> {
    let head = { seq: 0, hash: '' };
    let storeId = '';
    const copy = tampered(store.file, database => {
      database.exec(
        "update audit set at_ms = at_ms + 1 where kind = 'host-given-up'; delete from checkpoints",
      );
      rechain(database);
      storeId = String(database.prepare('select id from store_identity').get()?.['id']);
      const row = database.prepare('select seq, hash from audit order by seq desc limit 1').get();
      head = {
        seq: Number(row?.['seq']),
        hash: Buffer.from(row?.['hash'] as Uint8Array).toString('base64url'),
      };
    });
    const iat = 1_790_000_100;
    const claims = { iss: 'ctl', iat, exp: iat + 3600, store: storeId, ...head };
    const token = await signToken('checkpoint', claims, KEYS.ctl);
    return tampered(
      copy,
      database => void database.prepare('insert into checkpoints values (?, ?)').run(head.seq, token),
    );
  }

  it('an old copy in the place of the store is proved by a checkpoint that a host holds', async () => {
    const copy = join(auditFolder(), 'farcall.db');
    copyFileSync(
      tampered(store.file, 'delete from audit where seq > 9; delete from checkpoints where seq > 9'),
      copy,
    );
    const parts = controllerParts(BUNDLE, copy);
    const hello = await helloOf(HOSTS.one, parts.clock.nowMs() + 70_000, { checkpoint: tokens.at(-1) });
    parts.clock.advance(70_000);
    await receiveHello(parts, { host: 'demo-1', bytes: hello });
    const after = await parts.audit.head();
    expect((await parts.audit.page({ kind: 'checkpoint-conflict', afterSeq: 0, limit: 9 })).length).toBe(1);
    // The same again is no news.
    await receiveHello(parts, { host: 'demo-1', bytes: hello });
    expect((await parts.audit.head()).seq).toBe(after.seq);
    await parts.store.close();
    const findings = await findingsIn(copy);
    expect(
      findings.some(finding =>
        /^checkpoint hosts demo-1: it proves that there were \d+ entries/.test(finding),
      ),
    ).toBe(true);
    expect(findings.some(finding => /^checkpoint audit \d+: demo-1 proved it then/.test(finding))).toBe(true);
  });

  it('what a controller signed for after a quiet cut and a restart is proved by checkpoints kept elsewhere', async () => {
    const copy = tampered(
      store.file,
      'delete from audit where seq > 9; delete from checkpoints where seq > 9',
    );
    const parts = controllerParts(BUNDLE, copy);
    await introduce(parts);
    await makerOn(parts);
    await parts.store.close();
    const findings = await findingsIn(copy, [store.checkpointFile]);
    const proofs = findings.filter(finding => /^checkpoint file .*(rewritten|there were)/.test(finding));
    expect(proofs).not.toEqual([]);
  });

  it('a bundle that was not given is asked for, and one of the wrong keys verifies nothing', async () => {
    const findings = await findingsWith({ ...BUNDLE, version: 4 });
    expect(findings.some(finding => /version 3 of the trust bundle, which was not given/.test(finding))).toBe(
      true,
    );
    const approvers = [{ name: 'bob', keys: [KEYS.mallory.publicJwk] }];
    const others = await findingsWith({ ...BUNDLE, approvers });
    expect(others.filter(finding => finding.startsWith('signature approvals')).length).toBe(9);
    expect(others.filter(finding => finding.startsWith('threshold orders'))).toHaveLength(3);
  });

  it('a threshold that was not met is found, whatever the store says', async () => {
    const standard = { read: 3, call: 3, write: 3 };
    const findings = await findingsWith({ ...BUNDLE, thresholds: { standard } });
    expect(findings).toHaveLength(3);
    expect(findings[0]).toMatch(/^threshold orders .*: 2 approvals count, and 3 were needed/);
  });

  it('a bundle that was past its life when an order was made is found', async () => {
    const findings = await findingsWith({ ...BUNDLE, expiresAtMs: 1 });
    expect(findings.filter(finding => finding.startsWith('trust orders'))).toHaveLength(3);
  });

  async function findingsWith(bundle: typeof BUNDLE): Promise<string[]> {
    const found: string[] = [];
    await verifyStore({
      storeFile: store.file,
      trust: trustHistory([bundle]),
      checkpointFiles: [],
      report: ({ kind, table, key, problem }) => void found.push(`${kind} ${table} ${key}: ${problem}`),
    });
    return found;
  }

  it('a file that is no store, or of another version, is an error', async () => {
    const file = join(auditFolder(), 'x.db');
    expect(await codeOf(findingsIn(file))).toBe('FILE_UNREADABLE');
    writeFileSync(file, 'not a database at all, but long enough to look at'.repeat(100));
    expect(await codeOf(findingsIn(file))).toBe('STORE_FAILED');
    expect(await codeOf(findingsIn(tampered(store.file, 'pragma user_version = 1')))).toBe('STORE_FAILED');
  });

  it('a page that was overwritten is found, and the rest is looked at all the same', async () => {
    const copy = tampered(store.file, '');
    const bytes = readFileSync(copy);
    const at = bytes.indexOf('demo-2');
    writeFileSync(
      copy,
      Buffer.concat([bytes.subarray(0, at - 300), Buffer.alloc(300, 0xff), bytes.subarray(at)]),
    );
    expect(await findingsIn(copy)).not.toEqual([]);
  });

  it('the maker of checkpoints notes what the store contradicts before it signs on', async () => {
    const copy = tampered(store.file, 'delete from audit where seq > 20');
    const parts = controllerParts(BUNDLE, copy);
    parts.clock.advance(100_000);
    const maker = await makerOn(parts, store.checkpointFile);
    const noted = await parts.audit.page({ kind: 'checkpoint-conflict', afterSeq: 0, limit: 9 });
    expect(noted.map(({ detail }) => JSON.parse(detail).holder)).toEqual([
      'the store',
      'the checkpoint file',
    ]);
    const { keyring } = { keyring: trustHistory([BUNDLE]).controllers };
    const made = await readCheckpoint(maker.newest() ?? '', keyring);
    expect(made.seq).toBe((await parts.audit.head()).seq);
    expect(await checkpointWitness(parts).conflictOf(maker.newest() ?? '', 'x')).toBeUndefined();
    await parts.store.close();
  });
});
