import { beforeEach, describe, expect, it } from 'vitest';
import { submitStatement } from '../../../controller/audit/index.ts';
import { controllerMetrics } from '../../../controller/metrics/index.ts';
import { digestText, sha256, type TokenContent } from '../../../shared/tokens/index.ts';
import { KEYS, type Member, OTHER_SITE, tokenOf } from '../../kit/cast.ts';
import { type ControllerParts, codeOf, introduce, partsOn } from '../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../kit/engines.ts';
import { statementBy, witness } from '../../kit/keys/witness-kit.ts';

describe.each(ENGINES)('a statement of a witness, on $name', engine => {
  const stores = engine.use();
  let parts: ControllerParts;

  beforeEach(async () => {
    const { store, clock } = await newParts(stores);
    parts = partsOn(store, clock);
    await introduce(parts);
  });

  const submit = (token: string, submittedBy: string) => submitStatement(parts, { token, submittedBy });
  const refusal = async (by: Member, changes: Partial<TokenContent<'witness'>>) =>
    codeOf(submit(await statementBy(parts, by, changes), 'carol'));
  const noted = () => parts.audit.page({ kind: 'log-witnessed', afterSeq: 0, limit: 9 });

  it('a statement of a witness becomes an entry of the log, with what they signed', async () => {
    const head = await parts.audit.head();
    const token = await witness(parts, 'carol');
    const [entry] = await noted();
    expect(entry).toMatchObject({ actor: 'carol', seq: head.seq + 1 });
    const hash = Buffer.from(head.hash).toString('hex');
    expect(JSON.parse(entry!.detail)).toEqual({ seq: head.seq, hash, statement: token, trust: 3 });
  });

  it('a statement of a witness is in the metrics with the time of the last one', async () => {
    const nothing = { statuses: () => [] };
    const { set } = controllerMetrics({ ...parts, notifier: nothing, auditSinks: nothing });
    const name = 'farcall_controller_audit_witnessed_timestamp_seconds';
    const metric = async () => new RegExp(`^${name} (.*)$`, 'm').exec(await set.text())?.[1];
    expect(await metric()).toBe('0');
    await witness(parts, 'carol');
    parts.clock.advance(5000);
    await witness(parts, 'bob');
    const atS = parts.clock.nowMs() / 1000;
    parts.clock.advance(5000);
    expect(await metric()).toBe(String(atS));
  });

  it('a statement of a witness may be by a requester too, and each witness goes their own way', async () => {
    for (const person of ['alice', 'bob', 'carol'] as const) await witness(parts, person);
    expect((await noted()).map(({ actor }) => actor)).toEqual(['alice', 'bob', 'carol']);
  });

  it('a statement of a witness that comes once more is no second entry', async () => {
    const token = await witness(parts, 'carol');
    await submit(token, 'carol');
    expect((await noted()).length).toBe(1);
  });

  it('a statement of a witness that is older than their last one is refused', async () => {
    const before = await witness(parts, 'carol');
    parts.clock.advance(1000);
    await witness(parts, 'carol');
    expect(await codeOf(submit(before, 'carol'))).toBe('CONFLICT');
    expect((await noted()).length).toBe(2);
  });

  it.each<[string, Member, Partial<TokenContent<'witness'>>, string]>([
    ['from another site', 'carol', { site: OTHER_SITE }, 'SITE_OTHER'],
    ['by somebody who is not in the trust bundle', 'mallory', { iss: 'carol' }, 'TOKEN_KEY_UNKNOWN'],
    ['by a controller', 'ctl-1', { iss: 'carol' }, 'TOKEN_KEY_UNKNOWN'],
    ['in the name of another witness', 'bob', { iss: 'carol' }, 'TOKEN_CLAIMS'],
    ['that somebody else hands in', 'bob', {}, 'TOKEN_CLAIMS'],
    ['of another store', 'carol', { store: '0'.repeat(32) }, 'AUDIT_CONTRADICTED'],
    ['about an entry that is not there', 'carol', { seq: 99_999 }, 'AUDIT_CONTRADICTED'],
    [
      'about an entry with another hash',
      'carol',
      { hash: digestText(sha256(Buffer.of(1))) },
      'AUDIT_CONTRADICTED',
    ],
    ['whose time is over', 'carol', { iat: 1_600_000_000, exp: 1_600_000_060 }, 'TOKEN_EXPIRED'],
  ])('a statement of a witness %s is refused', async (_name, by, changes, code) => {
    expect(await refusal(by, changes)).toBe(code);
    expect(await noted()).toEqual([]);
  });

  it('a statement of a witness is no checkpoint, nor is a checkpoint such a statement', async () => {
    const iat = Math.floor(parts.clock.nowMs() / 1000);
    const { seq, hash } = await parts.audit.head();
    const position = { store: await parts.checkpoints.storeId(), seq, hash: digestText(hash) };
    const claims = { iss: 'carol', iat, exp: iat + 60, ...position };
    expect(await codeOf(submit(await tokenOf('checkpoint', claims, KEYS.carol), 'carol'))).toBe(
      'TOKEN_CLAIMS',
    );
    expect(await parts.witness.conflictOf(await statementBy(parts, 'carol'), 'a test')).toBeUndefined();
  });
});
