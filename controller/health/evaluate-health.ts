import type { CallHealth } from '../../shared/messages/index.ts';
import type { KernelHeartbeat } from '../store/index.ts';
import { TAINT, taintLetters } from './taint-letters.ts';

/** What a result says about the health of a host around a call. Times are by the host's clock. */
export interface AfterCall {
  readonly health: CallHealth;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

/** The bits of taint that farcall's own module sets in every kernel. They mean nothing. */
export const OUR_TAINT = TAINT.OOT_MODULE + TAINT.UNSIGNED_MODULE;

/**
 * Why a host is not well after a call; undefined where it is, as far as it has said. Looked at are what the
 * result itself says, of the kernel and of watches that did not see all, and the newest heartbeat where that
 * is about a moment after the call: another boot, new bits of taint that are not our module's own (anyone who
 * set them), an oops in the kernel's log since the call began.
 */
export function evaluateHealth(call: AfterCall, heartbeat: KernelHeartbeat | undefined): string | undefined {
  const { bootId, taintBefore, taintAfter, probes } = call.health;
  const duringCall = newTaint(taintBefore, taintAfter);
  if (duringCall !== undefined) return `the kernel is tainted by the call: ${duringCall}`;
  if (probes !== undefined) return probes;
  if (!heartbeat || heartbeat.observedAtMs < call.finishedAtMs) return undefined;
  if (heartbeat.bootId !== bootId) return 'it has booted since the call';
  const sinceThen = newTaint(taintBefore, heartbeat.taint);
  if (sinceThen !== undefined) return `the kernel is tainted since the call: ${sinceThen}`;
  const { oops, oopsAtMs = 0 } = heartbeat;
  if (oops !== undefined && oopsAtMs >= call.startedAtMs)
    return `the kernel logged since the call began: ${oops}`;
  return undefined;
}

/** Letters of the bits in `after` that are neither in `before` nor set by farcall's module. */
function newTaint(before: number, after: number): string | undefined {
  const added = BigInt(after) & ~BigInt(before) & ~BigInt(OUR_TAINT);
  return added === 0n ? undefined : taintLetters(Number(added));
}
