import { describe, expect, it } from 'vitest';
import { hostAcceptancesCheck } from '../../../controller/auditor/tables/hosts/host-acceptances.ts';
import { locksCheck } from '../../../controller/auditor/tables/locks.ts';
import { auditDigest } from '../../../controller/store/index.ts';
import { bundleAt, KEYS, START_MS } from '../../kit/cast.ts';
import { acceptanceOf, lockOf, unlockOf } from '../../kit/decisions.ts';

const AT_MS = START_MS + 1000;
const LATER_MS = AT_MS + 1000;
const reason = 'stolen';

/**
 * What the audit says of a row whose host had these labels, by a bundle in which bob approves for role=db.
 */
async function foundIn(
  { check }: { readonly check: (...parts: never[]) => void | Promise<void> },
  row: object,
  recorded: object,
): Promise<string[]> {
  const scopes = [{ may: 'approve' as const, person: 'bob', hosts: 'role=db' }];
  const bundle = bundleAt(START_MS, { scopes });
  const context = { replay: { get: () => recorded }, trust: { trustAt: () => ({ bundle }) } };
  const found: string[] = [];
  const report = (kind: string, problem: string): void => void found.push(`${kind} ${problem}`);
  await check(...([row, context, report] as never[]));
  return found;
}

const WEB = JSON.stringify({ role: 'web' });
const DB = JSON.stringify({ role: 'db' });
const OUTSIDE = 'bob may not decide about this host: host-1 is outside their scope, which is hosts role=db';

describe('the audit of what people decided about hosts', () => {
  it('the audit finds a lock, and the end of one, by an approver for other hosts', async () => {
    const token = await lockOf('bob', { nowMs: AT_MS, what: 'host', name: 'host-1', reason });
    const end = await unlockOf('bob', { nowMs: LATER_MS, token, reason });
    const row = {
      ...{ kind: 'host', name: 'host-1', kids: '[]', reason, locked_by: 'bob', locked_at_ms: AT_MS, token },
      ...{ ended_by: 'bob', ended_at_ms: LATER_MS, end_token: end },
    };
    const recorded = (labels: string, endLabels: string) => ({
      ...{ kids: '[]', reason, lockedBy: 'bob', token: auditDigest(token), trust: 1, labels },
      ...{ endedBy: 'bob', endedMs: LATER_MS },
      end: { reason, token: auditDigest(end), trust: 1, labels: endLabels },
    });
    expect(await foundIn(locksCheck, row, recorded(DB, DB))).toEqual([]);
    expect(await foundIn(locksCheck, row, recorded(WEB, DB))).toEqual([
      expect.stringMatching(new RegExp(`^signature .*${OUTSIDE}`)),
    ]);
    expect(await foundIn(locksCheck, row, recorded(DB, WEB))).toEqual([
      expect.stringMatching(new RegExp(`^signature its end: .*${OUTSIDE}`)),
    ]);
  });

  it('the audit finds the acceptance of a host by an approver for other hosts', async () => {
    const about = { host: 'host-1', kid: KEYS.eve.kid, heldMs: START_MS };
    const token = await acceptanceOf('bob', { nowMs: AT_MS, ...about, reason });
    const row = {
      ...{ host: 'host-1', actor: 'bob', token, kid: about.kid, held_ms: START_MS, reason },
      accepted_at_ms: AT_MS,
    };
    const recorded = (labels: string) => ({
      kid: about.kid,
      heldMs: START_MS,
      reason,
      labels,
      trust: 1,
      atMs: AT_MS,
    });
    expect(await foundIn(hostAcceptancesCheck, row, recorded(DB))).toEqual([]);
    expect(await foundIn(hostAcceptancesCheck, row, recorded(WEB))).toEqual([
      expect.stringMatching(new RegExp(`^signature .*${OUTSIDE}`)),
    ]);
  });
});
