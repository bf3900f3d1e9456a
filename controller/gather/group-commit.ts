import { setTimeout as delay } from 'node:timers/promises';
import type { CommittedSigner } from '../signing/index.ts';
import {
  isStoreDown,
  type NewResult,
  type OutcomeStore,
  type ResultEffect,
  type ResultVerdict,
} from '../store/index.ts';

/** A result that is in the store, with the controller's signature that it is. */
export interface CommittedResult {
  readonly effect: ResultEffect;
  /** farcall-committed+jwt; names other results too. */
  readonly token: string;
}

/** Commits one result together with others. Throws the error with which the store refuses it. */
export type CommitResult = (result: NewResult) => Promise<CommittedResult>;

/** The stores and services that {@link groupCommit} uses. */
export interface GroupCommitDeps {
  readonly outcomes: Pick<OutcomeStore, 'commitAll'>;
  readonly signCommitted: CommittedSigner;
}

interface Waiting extends PromiseWithResolvers<CommittedResult> {
  readonly result: NewResult;
}

/** How many results one transaction may commit. */
const GROUP_LIMIT = 256;

/**
 * How many results one signature may cover. It is sent to the host of each of them, which reads all of it. A
 * longer one would save the controller little (a signature takes 0.04 ms) and cost the whole fleet.
 */
const SIGNED_TOGETHER = 16;

/** How long a group that is not full waits for more results, in milliseconds. No host notices. */
const GATHER_MS = 10;

/**
 * Commits results in groups: while one transaction runs the next group gathers, so that a fleet that answers
 * at once costs one fsync for up to {@link GROUP_LIMIT} results. Without the short wait a fast disk would be
 * done with one result before the next is verified, and each would cost a transaction and a signature of its
 * own.
 */
export function groupCommit(deps: GroupCommitDeps): CommitResult {
  const waiting: Waiting[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      if (waiting.length < GROUP_LIMIT) await delay(GATHER_MS);
      await commitGroup(deps, waiting.splice(0, GROUP_LIMIT));
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

/** Never throws: errors go to the callers that wait. */
async function commitGroup(deps: GroupCommitDeps, group: readonly Waiting[]): Promise<void> {
  let verdicts: readonly ResultVerdict[];
  try {
    verdicts = await deps.outcomes.commitAll(group.map(({ result }) => result));
  } catch (error) {
    // One result that the store cannot take must not delay the others. A store that is away takes none of
    // them.
    const isAway = isStoreDown(error);
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
  const kept: { readonly entry: Waiting; readonly effect: ResultEffect }[] = [];
  for (const [index, entry] of group.entries()) {
    const verdict = verdicts[index]!;
    if ('effect' in verdict) kept.push({ entry, effect: verdict.effect });
    else entry.reject(verdict.error);
  }
  for (let from = 0; from < kept.length; from += SIGNED_TOGETHER) {
    const some = kept.slice(from, from + SIGNED_TOGETHER);
    try {
      const token = await signCommitted(some.map(({ entry }) => entry.result.digest));
      for (const { entry, effect } of some) entry.resolve({ effect, token });
    } catch (error) {
      for (const { entry } of some) entry.reject(error);
    }
  }
}
