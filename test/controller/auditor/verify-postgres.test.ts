import { describe, expect, it } from 'vitest';
import { expireOverdue } from '../../../controller/gather/index.ts';
import { BUNDLE, HOSTS } from '../../kit/cast.ts';
import { DRAFT, dispatched, introduce, requestBy } from '../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../kit/engines.ts';
import { answer, findingsAt, makerOn, publishBundle } from './support/audited-store.ts';

const postgres = ENGINES.find(({ name }) => name === 'PostgreSQL')!;

describe('the audit of a store in PostgreSQL', () => {
  const stores = postgres.use();
  const story = async () => {
    const parts = await newParts(stores);
    const maker = await makerOn(parts);
    await publishBundle(parts, BUNDLE);
    await introduce(parts);
    const { order } = await dispatched(parts);
    await answer(parts, HOSTS.one, order);
    await answer(parts, HOSTS.two, order);
    await requestBy(parts, 'alice', { ...DRAFT, lifetimeMs: 2000, timeoutMs: 1000 });
    parts.clock.advance(60_000);
    await expireOverdue(parts);
    await maker.make();
    return parts;
  };

  it('the audit of a store in PostgreSQL finds nothing wrong beside the controller that runs on it', async () => {
    const { location } = await story();
    expect(await findingsAt(location)).toEqual([]);
  });

  const tampering: readonly [string, string, RegExp[]][] = [
    [
      'an edited entry',
      "drop trigger audit_only_grows on audit; update audit set actor = 'eve' where seq = 4",
      [/^structure .*the trigger audit_only_grows on audit is missing/, /^chain audit 4/],
    ],
    [
      'the same with the trigger only disabled',
      "alter table audit disable trigger audit_only_grows; update audit set actor = 'eve' where seq = 4",
      [/^structure .*the trigger audit_only_grows on audit is not as farcall makes it/, /^chain audit 4/],
    ],
    [
      'a result that is gone',
      "delete from results where host = 'demo-1'",
      [/^missing results .* demo-1 1 0: the log records this row/],
    ],
    [
      'an index that is gone',
      'drop index audit_by_kind',
      [/^structure .*the index audit_by_kind is missing/],
    ],
    [
      'a check that is gone',
      'alter table requests drop constraint requests_expected_hosts_check',
      [/^structure .*the constraint requests_expected_hosts_check of requests is missing/],
    ],
    [
      'a rule that lets nothing be deleted',
      'create rule nothing as on delete to used_tokens do instead nothing',
      [/^structure .*the rule nothing on used_tokens is not farcall's/],
    ],
    [
      'a view in the place of a table',
      'alter table used_tokens rename to hidden; create view used_tokens as select * from hidden',
      [/^structure .*the relation used_tokens is not as farcall makes it/],
    ],
    [
      'rows that point to nothing',
      'alter table results drop constraint results_request_id_host_fkey; delete from expected_hosts',
      [/^structure .*results_request_id_host_fkey of results is missing/, /^missing expected_hosts/],
    ],
    [
      'a number that cannot be ours',
      'update requests set created_at_ms = 9223372036854775807 where created_at_ms > 0',
      [/^content requests/],
    ],
  ];
  it.each(tampering)('the audit of a store in PostgreSQL reports %s', async (_name, sql, expected) => {
    const { location } = await story();
    await stores.sql(location, sql);
    const findings = await findingsAt(location);
    for (const pattern of expected) expect(findings).toContainEqual(expect.stringMatching(pattern));
  });
});
