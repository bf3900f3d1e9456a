import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointWitness, readCheckpoint } from '../../../controller/audit/index.ts';
import { verifyStore } from '../../../controller/auditor/index.ts';
import { receiveHello } from '../../../controller/gather/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import { auditDigest } from '../../../controller/store/index.ts';
import {
  callResultCodec,
  type OrderEnvelope,
  orderEnvelopeCodec,
  planCodec,
  planReplyCodec,
} from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { keyringOf, type TrustBundle } from '../../../shared/trust/index.ts';
import {
  BUNDLE,
  HOSTS,
  KEYS,
  keyOf,
  type Member,
  pinnedOf,
  rootsOf,
  SITE,
  START_MS,
  tokenOf,
} from '../../kit/cast.ts';
import {
  approvalBy,
  approve,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  removeHost,
  requestBy,
} from '../../kit/controller-kit.ts';
import { hostKeysBy, newEnrolmentOf } from '../../kit/enrolment-kit.ts';
import { helloOf, resultFor, signStatement } from '../../kit/host-statements.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { STORE_KEY } from '../../kit/store-kit.ts';
import {
  type AuditedStore,
  answer,
  auditFolder,
  findingsIn,
  macAgain,
  makeAuditedStore,
  makerOn,
  publishBundle,
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

  it('audit verify finds nothing in a store that is as the controller left it', async () => {
    expect(await findingsIn(store.file, [store.checkpointFile])).toEqual([]);
  });

  it('audit verify says what it read, and leaves the file as it was', async () => {
    const before = readFileSync(store.file);
    const report = () => undefined;
    const summary = await verifyStore({
      store: { sqlite: store.file },
      roots: pinnedOf(),
      checkpointFiles: [],
      witnessFiles: [],
      storeKey: STORE_KEY,
      report,
    });
    expect(summary).toMatchObject({
      coveredSeq: summary.entries,
      findings: 0,
      rows: {
        ...{
          enrolments: 4,
          host_keys: 3,
          hosts: 3,
          requests: 6,
          expected_hosts: 12,
          approvals: 8,
          aborts: 2,
        },
        ...{ orders: 3, results: 4, trust_bundles: 1, plans: 1 },
      },
    });
    expect(readFileSync(store.file).equals(before)).toBe(true);
  });

  const one = "request_id = 'req1003' and host = 'demo-1'";
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
    ['a plan is exchanged', "update plans set bytes = x'0a00'", /^digest plans \S+: its bytes are not/],
    ['a plan is removed', 'delete from plans', /^missing plans/],
    [
      'a plan is given to another',
      "update plans set made_by = 'bob'",
      /^content plans \S+: the audit log says that it is alice/,
    ],
    ['a host is removed', "delete from hosts where name = 'prod-1'", /^missing hosts prod-1/],
    [
      'a host is added',
      "insert into hosts select 'evil', kid, public_jwk, facts, facts_signature, first_seen_ms from hosts where name = 'prod-1'",
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
      /^state requests req\d+: it is approved; the audit log says finished/,
    ],
    [
      'an expected host is removed',
      "delete from expected_hosts where host = 'demo-1'",
      /^digest expected_hosts req\d+: its hosts in expected_hosts are not/,
    ],
    [
      'an expected host gets another outcome',
      "update expected_hosts set outcome = 'skipped' where host = 'demo-2'",
      /^state expected_hosts req\d+ demo-2: its outcome is skipped; the audit log says/,
    ],
    [
      'the log says of a silent host that was ordered that it certainly did not run',
      `update audit set detail = replace(detail, 'expired', 'not-ordered') where kind = 'host-given-up'`,
      /^entry audit \d+: demo-1 is given up as not-ordered, and wave 1 of request req\d+ is \w+/,
    ],
    [
      'a silent host gets an outcome',
      `update expected_hosts set outcome = 'returned' where outcome = 'expired'`,
      /^state expected_hosts req\d+ demo-1: its outcome is returned; the audit log says expired/,
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
      /^content approvals req\d+ carol .*: the audit log says that the decision is reject/,
    ],
    [
      'a rejection is removed',
      "delete from approvals where decision = 'reject'",
      /^missing approvals req\d+ carol/,
    ],
    [
      'a rejection is said to have been taken back at another time',
      'update approvals set withdrawn_at_ms = withdrawn_at_ms + 1',
      /^content approvals req\d+ carol .*: the audit log says that it was withdrawn at another time/,
    ],
    [
      'what takes a decision back is another token',
      'update approvals set withdrawal = token where withdrawal is not null',
      /^digest approvals req\d+ carol .*: its withdrawal/,
    ],
    ['an abort is removed', "delete from aborts where aborter = 'alice'", /^missing aborts req\d+/],
    [
      'an abort is given to another',
      "update aborts set aborter = 'carol' where aborter = 'bob'",
      /^content aborts req\d+: the audit log says that it is bob's/,
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
      /^content aborts req\d+: the audit log says that it was published at another time/,
    ],
    [
      'an enrolment is removed',
      "delete from enrolments where host = 'demo-1'",
      /^missing enrolments req1000/,
    ],
    [
      'an enrolment gets other labels',
      `update enrolments set labels = '{"env":"prod"}' where host = 'demo-1'`,
      /^content enrolments req1000: the audit log says that its labels are/,
    ],
    [
      'an enrolment gets another key',
      "update enrolments set enrolment_kid = 'evil' where host = 'demo-1'",
      /^content enrolments req1000: it has another key than the log says/,
    ],
    [
      'an enrolment is made good again',
      'update enrolments set used_at_ms = null',
      /^state enrolments req1000: the audit log says that it was made, used or revoked/,
    ],
    [
      'keys of a host are removed',
      "delete from host_keys where host = 'demo-1'",
      /^missing host_keys req1000/,
    ],
    [
      'a host gets other labels',
      `update host_keys set labels = '{"env":"prod"}' where host = 'demo-1'`,
      /^content host_keys req1000: the audit log says that its labels are/,
    ],
    [
      'keys of a host are said to have ended',
      "update host_keys set ended_at_ms = enrolled_at_ms where host = 'demo-1'",
      /^state host_keys req1000: the audit log says that it counts from or until another time/,
    ],
    ['a trust bundle is removed', 'delete from trust_bundles', /^missing trust_bundles 3/],
    [
      'a trust bundle is said to be older',
      'update trust_bundles set accepted_at_ms = 1',
      /^content trust_bundles 3: the audit log says that it was accepted at another time/,
    ],
    [
      'a trust bundle is edited',
      "update trust_bundles set bundle = cast(replace(bundle, 'bob', 'rob') as blob)",
      /^trust trust_bundles 3: .*needed roots/,
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
  it.each(tampering)('audit verify finds a change by which %s', async (name, statements, wanted) => {
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

  it('audit verify finds an answer in a plan that no host signed, though the log was rewritten to fit', async () => {
    const copy = tampered(store.file, database => {
      const row = database.prepare('select id, bytes from plans').get();
      const plan = planCodec.decode(row?.['bytes'] as Uint8Array);
      const [signed] = plan.replies;
      const said = planReplyCodec.decode(signed!.reply);
      const forged = { ...signed!, reply: planReplyCodec.encode({ ...said, refusals: [], effect: 'read' }) };
      const bytes = planCodec.encode({ ...plan, replies: [forged] });
      database.prepare('update plans set bytes = ?, digest = ?').run(bytes, sha256(bytes));
      const detail = { plan: String(row?.['id']), digest: auditDigest(bytes), hosts: 2, answered: 1 };
      database.prepare("update audit set detail = ? where kind = 'plan-made'").run(JSON.stringify(detail));
      rechain(database);
    });
    const findings = await findingsIn(copy);
    expect(findings).toContainEqual(expect.stringMatching(/^signature plans \S+: the answer of demo-\d/));
    expect(findings).toContainEqual(expect.stringMatching(/^content requests \S+: it names a plan/));
  });

  it('audit verify lists all that is wrong, not only the first', async () => {
    const copy = tampered(store.file, "update expected_hosts set arch = 'vax'; delete from approvals");
    const findings = await findingsIn(copy);
    expect(findings.filter(finding => finding.startsWith('missing approvals'))).toHaveLength(8);
    expect(findings.filter(finding => finding.startsWith('digest expected_hosts'))).toHaveLength(6);
  });

  it('audit verify proves by checkpoints in the store that the log was rewritten as a whole', async () => {
    const copy = tampered(store.file, database => {
      database.exec(
        "update audit set actor = 'mallory' where kind = 'approval-added' and actor = 'bob' and seq < 16",
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

  it('audit verify finds an edit of what no signature covers, though the log was rewritten to fit', async () => {
    const copy = tampered(store.file, database => {
      database.exec("update audit set at_ms = at_ms + 1 where kind = 'host-given-up'");
      rechain(database);
    });
    expect((await findingsIn(copy)).every(finding => finding.startsWith('checkpoint'))).toBe(true);
    expect(await findingsIn(copy)).not.toEqual([]);
  });

  it("audit verify proves by files and hosts that the log was rewritten with the controller's key too", async () => {
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
    const claims = { iss: 'ctl-1', iat, exp: iat + 3600, store: storeId, ...head };
    const token = await tokenOf('checkpoint', claims, KEYS['ctl-1']);
    return tampered(copy, database => {
      database.prepare("insert into checkpoints values (?, ?, x'')").run(head.seq, token);
      macAgain(database, 'checkpoints');
    });
  }

  it('audit verify finds an old copy instead of the store by a checkpoint that a host holds', async () => {
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

  it('audit verify finds by checkpoints kept elsewhere what a controller signed for after a quiet cut and a restart', async () => {
    const copy = tampered(
      store.file,
      'delete from audit where seq > 9; delete from checkpoints where seq > 9',
    );
    const parts = controllerParts(BUNDLE, copy);
    await requestBy(parts, 'alice', DRAFT);
    await makerOn(parts);
    await parts.store.close();
    const findings = await findingsIn(copy, [store.checkpointFile]);
    const proofs = findings.filter(finding => /^checkpoint file .*(rewritten|there were)/.test(finding));
    expect(proofs).not.toEqual([]);
  });

  it('audit verify counts only what the roots of the auditor lead to', async () => {
    for (const findings of [
      await findingsIn(store.file, [], rootsOf(1, 'eve')),
      await findingsIn(withBundle(BUNDLE, 'eve')),
      await findingsIn(withBundle(BUNDLE, 'rob')),
      await findingsIn(withBundle(BUNDLE, 'rob', 'rob2')),
    ]) {
      expect(findings.some(finding => /^trust trust_bundles 3: .*needed roots/.test(finding))).toBe(true);
      expect(findings.filter(finding => /^trust approvals .*do not lead/.test(finding)).length).toBe(9);
      expect(findings.filter(finding => finding.startsWith('trust orders'))).toHaveLength(3);
    }
  });

  it('audit verify finds an approval by a key that the bundle of its time does not have', async () => {
    const approvers = BUNDLE.approvers.map(each =>
      each.name === 'bob' ? { name: 'bob', keys: [KEYS.mallory.publicJwk] } : each,
    );
    const findings = await findingsIn(withBundle({ ...BUNDLE, approvers }));
    expect(findings.filter(finding => finding.startsWith('signature approvals')).length).toBe(4);
    expect(findings.filter(finding => finding.startsWith('signature aborts')).length).toBe(1);
    expect(findings.filter(finding => finding.startsWith('threshold orders'))).toHaveLength(3);
  });

  it('audit verify finds an approval by a key whose time was over, by the time of its entry', async () => {
    const dated = (notAfterMs: number): string =>
      withBundle({
        ...BUNDLE,
        approvers: BUNDLE.approvers.map(each =>
          each.name === 'bob' ? { name: 'bob', keys: [{ ...KEYS.bob.publicJwk, notAfterMs }] } : each,
        ),
      });
    const over = await findingsIn(dated(START_MS));
    expect(over.filter(finding => /^signature approvals .* bob .*not valid at/.test(finding)).length).toBe(4);
    const soon = await findingsIn(dated(START_MS + 30_000));
    expect(soon.filter(finding => /^signature approvals .* bob .*not valid at/.test(finding)).length).toBe(2);
  });

  it('audit verify finds a threshold that was not met, whatever the store says', async () => {
    const standard = { read: 3, call: 3, write: 3 };
    const findings = await findingsIn(withBundle({ ...BUNDLE, thresholds: { standard } }));
    const short = findings.filter(finding => finding.startsWith('threshold'));
    expect(short).toHaveLength(3);
    expect(short[0]).toMatch(/^threshold orders .*: 2 approvals count, and 3 were needed/);
  });

  it('audit verify finds a bundle that was past its life when an order was made', async () => {
    const findings = await findingsIn(withBundle({ ...BUNDLE, expiresAtMs: BUNDLE.issuedAtMs + 1 }));
    expect(findings.filter(finding => finding.startsWith('trust orders'))).toHaveLength(3);
  });

  it('audit verify finds an action that goes by an old bundle while a newer one counts', async () => {
    const copy = tampered(store.file, '');
    const parts = controllerParts(BUNDLE, copy);
    parts.clock.advance(200_000);
    await publishBundle(parts, { ...BUNDLE, version: 4 });
    parts.clock.advance(30_000);
    const late = {
      id: store.requests.pending,
      token: await approvalBy(parts, 'carol', store.requests.pending),
    };
    await approve(parts, 'carol', late);
    expect(await findingsIn(copy)).toEqual([]);
    parts.clock.advance(60_000);
    await advanceRequest(parts, late.id);
    await parts.store.close();
    const findings = await findingsIn(copy);
    expect(
      findings.filter(finding => /^trust audit \d+: .*trust bundle 3, and 4 counted/.test(finding)),
    ).toHaveLength(2);
  });

  it('audit verify verifies by the earlier keys of a host what they signed in their time, and nothing later', async () => {
    const copy = tampered(store.file, '');
    const parts = controllerParts(BUNDLE, copy);
    parts.clock.advance(200_000);
    const renewed = { ...HOSTS.one, key: keyOf('demo-1 renewed') };
    const { name: host, labels = {} } = renewed;
    const at = { nowMs: parts.clock.nowMs() };
    await removeHost(parts, host);
    const wish = await newEnrolmentOf('bob', { id: 'again', host, labels, ...at });
    await parts.enrolments.create(wish);
    await parts.enrolments.redeem(await hostKeysBy(renewed, wish.secret, at));
    await receiveHello(parts, { host, bytes: await helloOf(renewed, parts.clock.nowMs()) });
    parts.clock.advance(100_000);
    const { id, order } = await dispatched(parts);
    await answer(parts, renewed, order);
    await parts.store.close();
    expect(await findingsIn(copy)).toEqual([]);

    const nowMs = parts.clock.nowMs();
    const bytes = callResultCodec.encode(resultFor(host, order));
    const signature = await signStatement(HOSTS.one, { what: 'result', bytes, nowMs });
    const forged = tampered(copy, database => {
      const of = "kind = 'host-answered' and request_id = ?";
      const row = database.prepare(`select detail from audit where ${of}`).get(id);
      const said = JSON.parse(String(row?.['detail']));
      const digests = { result: auditDigest(bytes), signature: auditDigest(signature) };
      const detail = JSON.stringify({ ...said, ...digests });
      database.prepare(`update audit set detail = ? where ${of}`).run(detail, id);
      database
        .prepare('update results set result = ?, digest = ?, signature = ? where request_id = ?')
        .run(bytes, sha256(bytes), signature, id);
      rechain(database);
    });
    const findings = await findingsIn(forged);
    expect(findings.some(finding => /^signature results .*demo-1 had no such key/.test(finding))).toBe(true);
  });

  it('audit verify finds an order that leaves out a decision, though its approvals are enough', async () => {
    const without = (left: Partial<OrderEnvelope>): string =>
      tampered(store.file, database => {
        const rows = database.prepare('select id, envelope from orders').all();
        for (const { id, envelope } of rows) {
          const whole = orderEnvelopeCodec.decode(envelope as Uint8Array);
          if (whole.withdrawals.length === 0) continue;
          const short = orderEnvelopeCodec.encode({ ...whole, ...left });
          database.prepare('update orders set envelope = ? where id = ?').run(short, String(id));
          database
            .prepare("update audit set detail = json_set(detail, '$.envelope', ?) where detail like ?")
            .run(auditDigest(short), `%"order":"${id}"%"envelope"%`);
        }
        rechain(database);
      });
    expect((await findingsIn(without({ withdrawals: [] }))).join('\n')).toMatch(
      /^content orders .* the withdrawals in its envelope are not those/m,
    );
    expect((await findingsIn(without({ withdrawals: [] }))).join('\n')).toMatch(
      /^threshold orders .* carol had rejected it, and that stood/m,
    );
    expect((await findingsIn(without({ approvals: [], withdrawals: [] }))).join('\n')).toMatch(
      /^content orders .* the decisions in its envelope are not those/m,
    );
  });

  /** The store as it would be had the roots, or the named signers, signed another bundle. */
  function withBundle(bundle: TrustBundle, ...by: Member[]): string {
    const signed = signedBy(bundle, ...by);
    return tampered(store.file, database => {
      const update = database.prepare('update trust_bundles set bundle = ?, signatures = ?, digest = ?');
      update.run(signed.bundle, JSON.stringify(signed.signatures), sha256(signed.bundle));
    });
  }

  it('audit verify refuses a file that is no store, or of another version', async () => {
    const file = join(auditFolder(), 'x.db');
    expect(await codeOf(findingsIn(file))).toBe('FILE_UNREADABLE');
    writeFileSync(file, 'not a database at all, but long enough to look at'.repeat(100));
    expect(await codeOf(findingsIn(file))).toBe('STORE_FAILED');
    expect(await codeOf(findingsIn(tampered(store.file, 'pragma user_version = 2')))).toBe('STORE_FAILED');
  });

  it('audit verify finds a page that was overwritten, and reads all the rest', async () => {
    const copy = tampered(store.file, '');
    const bytes = readFileSync(copy);
    const at = bytes.indexOf('demo-2');
    writeFileSync(
      copy,
      Buffer.concat([bytes.subarray(0, at - 300), Buffer.alloc(300, 0xff), bytes.subarray(at)]),
    );
    expect(await findingsIn(copy)).not.toEqual([]);
  });

  it('audit verify keeps the maker of checkpoints from signing on what the store contradicts', async () => {
    const copy = tampered(store.file, 'delete from audit where seq > 20');
    const parts = controllerParts(BUNDLE, copy);
    parts.clock.advance(100_000);
    const maker = await makerOn(parts, store.checkpointFile);
    const noted = await parts.audit.page({ kind: 'checkpoint-conflict', afterSeq: 0, limit: 9 });
    expect(noted.map(({ detail }) => JSON.parse(detail).holder)).toEqual([
      'the store',
      'the checkpoint file',
    ]);
    const keyring = keyringOf(BUNDLE.controllers);
    const made = await readCheckpoint(maker.newest() ?? '', { site: SITE, keyring });
    expect(made.seq).toBe((await parts.audit.head()).seq);
    expect(await checkpointWitness(parts).conflictOf(maker.newest() ?? '', 'x')).toBeUndefined();
    await parts.store.close();
  });
});
