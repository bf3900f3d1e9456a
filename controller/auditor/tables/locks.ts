import { reasonOf } from '../../../shared/errors/index.ts';
import { tokenDigest } from '../../../shared/tokens/index.ts';
import { keysToLock, requireHostInScope, verifyLock, verifyUnlock } from '../../../shared/trust/index.ts';
import type { Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedLock,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

type Row = Schema['locks'];

/**
 * A lock: each of its columns is what the log says, and approvers of the time signed that it is set and that
 * it ends.
 *
 * Threat: a controller, or who writes its database and log, locks people in the name of others, or ends the
 * lock of somebody whose key was stolen.
 */
export const locksCheck: TableCheck<Row> = {
  keyOf: ({ kind, name, locked_at_ms }) => [kind, name, String(locked_at_ms)],
  recorded: 'every',
  async check(row, context, report) {
    const key = ['locks', row.kind, row.name, String(row.locked_at_ms)] as const;
    const recorded = context.replay.get<ReplayedLock>(key);
    if (!recorded) return;
    if (row.kids !== recorded.kids || row.reason !== recorded.reason)
      report('content', 'it locks other keys, or has another reason, than the log says');
    if (row.locked_by !== recorded.lockedBy) report('content', `by the log it is ${recorded.lockedBy}'s`);
    if (row.ended_by !== recorded.endedBy || row.ended_at_ms !== recorded.endedMs)
      report('state', 'by the log it ended at another time, or by somebody else');
    if (isLogged('its token', row.token, recorded.token, report))
      await checkToken(row, recorded, context, report);
    const { end } = recorded;
    if (isLogged('the token by which it ended', row.end_token, end?.token, report) && end)
      await checkEnd(row, end, context, report);
  },
};

async function checkToken(
  { kind, name, token, reason, locked_by, locked_at_ms, kids }: Row,
  { trust, labels }: ReplayedLock,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  const { bundle } = trusted;
  try {
    const signed = await verifyLock({ token, bundle, nowMs: locked_at_ms });
    if (signed.by !== locked_by) report('content', `it is signed by ${signed.by}`);
    if (signed.kind !== kind || signed.name !== name)
      report('content', `its token locks the ${signed.kind} ${signed.name}`);
    if (signed.reason !== reason) report('content', 'its token gives another reason');
    if (JSON.stringify(keysToLock(bundle, { kind, name })) !== kids)
      report('content', 'it is on other keys than those of the trust bundle');
    if (kind === 'host') requireHostInScope(bundle, signed.by, { host: name, labels: JSON.parse(labels) });
  } catch (error) {
    report('signature', reasonOf(error));
  }
}

async function checkEnd(
  { kind, name, token, end_token, ended_by, ended_at_ms }: Row,
  { trust, reason, labels }: NonNullable<ReplayedLock['end']>,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  try {
    const { bundle } = trusted;
    const toVerify = { token: end_token ?? '', bundle, nowMs: ended_at_ms ?? 0 };
    const signed = await verifyUnlock(toVerify);
    if (signed.by !== ended_by) report('content', `its end is signed by ${signed.by}`);
    if (signed.lock !== tokenDigest(token)) report('content', 'what ended it was signed for another lock');
    if (signed.reason !== reason) report('content', 'what ended it gives another reason');
    if (kind === 'host') requireHostInScope(bundle, signed.by, { host: name, labels: JSON.parse(labels) });
  } catch (error) {
    report('signature', `its end: ${reasonOf(error)}`);
  }
}
