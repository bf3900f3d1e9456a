import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findingsIn, tampered } from './support/audited-store.ts';
import { makeRolloutStore, type RolloutStoreFile } from './support/rollout-store.ts';

describe('audit verify of rollouts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
  let store: RolloutStoreFile;

  beforeAll(async () => {
    store = await makeRolloutStore(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('audit verify of rollouts finds nothing in a store that is as the controller left it', async () => {
    expect(await findingsIn(store.file, [store.checkpointFile])).toEqual([]);
  });

  const tampering: readonly [string, string, RegExp][] = [
    [
      'a failed wave passes',
      "update waves set state = 'passed' where state = 'failed'",
      /^state waves STOPPED 2: it is passed; the audit log says failed/,
    ],
    [
      'a stopped rollout goes on',
      "update rollouts set state = 'running' where state = 'stopped'",
      /^state rollouts STOPPED: it is running; the audit log says stopped/,
    ],
    [
      'a silent host is forgotten',
      "update expected_hosts set outcome = null where outcome = 'unreachable'",
      /^state expected_hosts STOPPED demo-\d: its outcome is open; the audit log says unreachable/,
    ],
    [
      'hosts change their waves',
      "update expected_hosts set wave = 3 - wave where request_id = 'STOPPED'",
      /^digest expected_hosts STOPPED: its hosts in expected_hosts are not those/,
    ],
    [
      'a count is lowered',
      "update wave_counts set hosts = 0 where outcome = 'unreachable'",
      /^state wave_counts STOPPED 2 unreachable: it counts 0 hosts, and there are 1/,
    ],
    ['a count is gone', 'delete from wave_counts', /^missing wave_counts STOPPED 1 returned/],
    [
      'an unwell host is well',
      'update expected_hosts set unhealthy = null',
      /^state expected_hosts UNWELL demo-1: its health/,
    ],
    [
      'a retry is for others',
      "update attempts set only_outcomes = 'faulted' where attempt = 2",
      /^content attempts STOPPED 2/,
    ],
    [
      'an order is for another wave',
      'update orders set wave = 2 where wave = 1 and attempt = 2',
      /^content orders \S+: the audit log says that it is attempt 2 at wave 1/,
    ],
    [
      'more hosts are in a wave',
      'update waves set hosts = hosts + 1 where number = 1',
      /^content waves STOPPED 1: the audit log says that it has 1 hosts/,
    ],
  ];

  it.each(tampering)('audit verify of rollouts finds that %s', async (_what, statements, found) => {
    const named = (text: string): string =>
      text.replaceAll('STOPPED', store.stopped).replaceAll('UNWELL', store.unwell);
    const findings = await findingsIn(tampered(store.file, named(statements)));
    expect(findings.filter(finding => new RegExp(named(found.source)).test(finding))).not.toEqual([]);
  });
});
