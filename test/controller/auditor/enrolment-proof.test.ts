import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { auditDigest } from '../../../controller/store/index.ts';
import { BUNDLE, HOSTS, KEYS, type Member, OTHER_SITE } from '../../kit/cast.ts';
import { controllerParts, introduce, removeHost } from '../../kit/controller-kit.ts';
import { enrolmentOf, hostKeysBy } from '../../kit/enrolment-kit.ts';
import { findingsIn, macAgain, makerOn, publishBundle, rechain, tampered } from './support/audited-store.ts';

describe('an enrolment in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-enrolments-'));
  const file = join(folder, 'farcall.db');
  const { one } = HOSTS;

  beforeAll(async () => {
    const parts = controllerParts(BUNDLE, file);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    parts.clock.advance(1000);
    await maker.make();
    await parts.store.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the audit finds after somebody with the store key changed something and made the whole log fit. */
  const findingsAfter = async (change: (database: DatabaseSync) => void): Promise<string[]> => {
    const changed = tampered(file, database => {
      change(database);
      for (const table of ['enrolments', 'host_keys'] as const) macAgain(database, table);
      rechain(database);
    });
    return (await findingsIn(changed)).filter(finding => / (enrolments|host_keys) /.test(finding));
  };
  const idOf = (database: DatabaseSync): string =>
    String(database.prepare('select id from enrolments where host = ?').get(one.name)?.['id']);

  it('the audit finds nothing wrong with hosts that an approver let in', async () => {
    expect(await findingsAfter(() => undefined)).toEqual([]);
  });

  it.each<[string, Member, object, RegExp]>([
    ['somebody else signed in the name of an approver', 'mallory', {}, /^signature enrolments /],
    ['the controller signed', 'ctl-1', {}, /^signature enrolments /],
    ['another approver signed', 'carol', {}, /^content enrolments .*it is signed by carol/],
    ['was signed for another site', 'bob', { site: OTHER_SITE }, /^signature enrolments /],
    [
      'was signed for other labels',
      'bob',
      { labels: { env: 'prod' } },
      /^content enrolments .*another host, label/,
    ],
    ['was signed for another host', 'bob', { host: 'demo-2' }, /^content enrolments .*another host, label/],
  ])(
    'the audit finds an enrolment that %s, though the log was rewritten to fit',
    async (_how, by, changes, finding) => {
      const kid = await enrolmentKid();
      const wish = { host: one.name, labels: { ...one.labels }, enrolmentKid: kid, ...changes };
      const { submission } = await enrolmentOf(by, wish);
      const findings = await findingsAfter(database => exchange(database, submission));
      expect(findings).toEqual([expect.stringMatching(finding)]);
    },
  );

  it.each([
    ['came in by another enrolment token', one, /^content host_keys .*by the token of another enrolment/],
    [
      'has another key than came in',
      { ...one, key: KEYS.eve },
      /^content host_keys .*its redemption is that of/,
    ],
  ] as const)(
    'the audit finds a host that %s, though the log was rewritten to fit',
    async (_how, host, finding) => {
      const { secret } = await enrolmentOf('eve', { host: host.name });
      const { redemption } = await hostKeysBy(host, secret);
      const findings = await findingsAfter(database =>
        database.prepare('update host_keys set redemption = ? where host = ?').run(redemption, host.name),
      );
      expect(findings).toContainEqual(expect.stringMatching(finding));
    },
  );

  it('the audit finds a host that was replaced by one approver, though the log was rewritten to fit', async () => {
    const copy = tampered(file, '');
    const parts = controllerParts(BUNDLE, copy);
    parts.clock.advance(10_000);
    await removeHost(parts, one.name);
    const { secret, submission } = await enrolmentOf('bob', { host: one.name, nowMs: parts.clock.nowMs() });
    await hostManagement({ ...parts, newId: () => 'again' }).create(submission, 'bob');
    const nowMs = parts.clock.nowMs();
    await parts.enrolments.redeem(await hostKeysBy({ ...one, key: KEYS.eve }, secret, { nowMs }));
    await parts.store.close();
    expect(await findingsIn(copy)).toEqual([]);
    const alone = tampered(copy, database => {
      database.exec('delete from host_removals');
      database.exec("delete from audit where kind in ('host-removal-signed', 'host-removed')");
      const left = database.prepare('select seq from audit order by seq').all();
      const renumber = database.prepare('update audit set seq = ? where seq = ?');
      for (const [at, { seq }] of left.entries()) renumber.run(at + 1, Number(seq));
      rechain(database);
    });
    expect(await findingsIn(alone)).toContainEqual(
      expect.stringMatching(/^state audit .*demo-1 gets other keys, and was not removed/),
    );
  });

  it('the audit finds a host without any proof how it came in', async () => {
    const findings = await findingsAfter(database =>
      database.exec(`update host_keys set redemption = x'00' where host = '${one.name}'`),
    );
    expect(findings).toEqual([expect.stringMatching(/^signature host_keys .*its redemption: /)]);
  });

  async function enrolmentKid(): Promise<string> {
    let kid = '';
    tampered(file, database => {
      const row = database.prepare('select enrolment_kid from enrolments where id = ?').get(idOf(database));
      kid = String(row?.['enrolment_kid']);
    });
    return kid;
  }

  /** Puts another draft and signature in the place of those of the enrolment, in its row and in the log. */
  function exchange(database: DatabaseSync, { draft, token }: { draft: Uint8Array; token: string }): void {
    const id = idOf(database);
    const before = database.prepare('select token from enrolments where id = ?').get(id)?.['token'];
    database.prepare('update enrolments set draft = ?, token = ? where id = ?').run(draft, token, id);
    database
      .prepare('update audit set detail = replace(detail, ?, ?)')
      .run(auditDigest(String(before)), auditDigest(token));
  }
});
