import { setTimeout as delay } from 'node:timers/promises';
import { toFarcallError } from '../../shared/errors/index.ts';
import { COMMITTED_LIMIT } from '../../shared/tokens/index.ts';
import type { CommittedSigner } from '../signing/index.ts';
import type { NewResult, OutcomeStore, ResultEffect, ResultVerdict } from '../store/index.ts';

/** A result that is in the store, with the controller's signature that says so. */
export interface CommittedResult {
  readonly effect: ResultEffect;
  /** farcall-committed+jwt; names other results too. */
  readonly token: string;
}

/** Commits one result together with others; throws what the store has against it. */
export type CommitResult = (result: NewResult) => Promise<CommittedResult>;

/** What {@link groupCommit} needs. */
export interface GroupCommitDeps {
  readonly outcomes: Pick<OutcomeStore, 'commitAll'>;
  readonly signCommitted: CommittedSigner;
}

interface Waiting extends PromiseWithResolvers<CommittedResult> {
  readonly result: NewResult;
}

/** How long a group that is not full waits for others, in milliseconds; no host notices. */
const GATHER_MS = 10;

/**
 * Commits results in groups: while one transaction runs the next group gathers, so that a fleet that answers at once
 * costs one fsync and one signature for up to COMMITTED_LIMIT results. Without the short wait a fast disk would be done
 * with one result before the next is verified, and each would cost a transaction and a signature of its own.
 */
export function groupCommit(deps: GroupCommitDeps): CommitResult {
  const waiting: Waiting[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      if (waiting.length < COMMITTED_LIMIT) await delay(GATHER_MS);
      await commitGroup(deps, waiting.splice(0, COMMITTED_LIMIT));
    }
    isRunning = false;
  };
  return result => {
    const entry = { result, ...Promise.withResolvers<CommittedResult>() };
    waiting.push(entry);
    if (!isRunning) void run();
    return entry.promise;
  };
}

/** Never throws: whatever happens is told to those who wait. */
async function commitGroup(deps: GroupCommitDeps, group: readonly Waiting[]): Promise<void> {
  let verdicts: readonly ResultVerdict[];
  try {
    verdicts = await deps.outcomes.commitAll(group.map(({ result }) => result));
  } catch (error) {
    // One result that the store cannot take must not keep the others back; a store that is away takes none of them.
    const isAway = toFarcallError(error).code === 'UNREACHABLE';
    if (group.length === 1 || isAway) for (const entry of group) entry.reject(error);
    else for (const entry of group) await commitGroup(deps, [entry]);
    return;
  }
  // The signature is made while the next group is committed.
  void answer(deps, group, verdicts);
}

async function answer(
  { signCommitted }: GroupCommitDeps,
  group: readonly Waiting[],
  verdicts: readonly ResultVerdict[],
): Promise<void> {
  try {
    const kept = group.filter((_, index) => 'effect' in verdicts[index]!);
    const token = kept.length > 0 ? await signCommitted(kept.map(({ result }) => result.digest)) : '';
    for (const [index, entry] of group.entries()) {
      const verdict = verdicts[index]!;
      if ('effect' in verdict) entry.resolve({ effect: verdict.effect, token });
      else entry.reject(verdict.error);
    }
  } catch (error) {
    for (const entry of group) entry.reject(error);
  }
}
