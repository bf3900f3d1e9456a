import type { CallDraft } from '../../../../../shared/messages/index.ts';
import type { Effect, Policy } from '../../api/index.ts';
import { durationIn, type RolloutFields, rolloutIn } from './rollout-fields.ts';

/** What stands in the form, as it was typed. */
export interface Draft extends RolloutFields {
  readonly program: string;
  readonly selector: string;
  readonly reason: string;
  readonly policy: Policy;
  readonly effect: Effect;
  readonly lifetime: string;
  readonly timeout: string;
  readonly lateJoiners: boolean;
}

/** An empty form. */
export const EMPTY_DRAFT: Draft = {
  program: '',
  selector: '',
  reason: '',
  policy: 'standard',
  effect: 'call',
  lifetime: '1h',
  timeout: '30s',
  lateJoiners: false,
  waves: [],
  maxFailed: '',
  maxFailedShare: '',
  answerWithin: '',
};

const KEY = 'farcall-draft';

/** What was typed in this tab and not made a request of yet. */
export function keptDraft(): Draft {
  try {
    return { ...EMPTY_DRAFT, ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Draft>) };
  } catch {
    return EMPTY_DRAFT;
  }
}

/** Keeps what is typed, for the time of this tab: neither a reload nor the end of a session loses it. */
export function keepDraft(draft: Draft | undefined): void {
  if (draft) sessionStorage.setItem(KEY, JSON.stringify(draft));
  else sessionStorage.removeItem(KEY);
}

/** What is wrong with the form, by field; empty where it can be sent. */
export type Problems = Readonly<Partial<Record<keyof Draft, string | undefined>>>;

/** Looks at what the page can know by itself. */
export function problemsOf(draft: Draft): Problems {
  const problems: Record<string, string> = {};
  const attempt = (field: string, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      problems[field] = error instanceof Error ? error.message : String(error);
    }
  };
  if (draft.program.trim() === '') problems['program'] = 'Write a program.';
  if (draft.selector.trim() === '') problems['selector'] = 'Say which hosts; * is every host.';
  if (draft.reason.trim() === '') problems['reason'] = 'Say why, for the approvers.';
  attempt('lifetime', () => durationIn(draft.lifetime));
  attempt('timeout', () => durationIn(draft.timeout));
  attempt('waves', () => rolloutIn(draft, 1000));
  return problems;
}

/** What a plan is asked for; requests of equal plan drafts have equal plans. */
export function planDraftOf({ program, selector, effect, policy, timeout }: Draft): object {
  return {
    ...{ program, selector: selector.trim(), effect, policy, timeoutMs: durationIn(timeout) },
    ...{ perKernel: 1, hosts: [], waitMs: 15_000 },
  };
}

/** What is sent. Throws where {@link problemsOf} has something. */
export function callDraftOf(draft: Draft, planId: string | undefined): CallDraft {
  const timeoutMs = durationIn(draft.timeout);
  const rollout = rolloutIn(draft, timeoutMs);
  return {
    program: draft.program,
    selector: draft.selector.trim(),
    reason: draft.reason.trim(),
    policy: draft.policy,
    effect: draft.effect,
    lifetimeMs: durationIn(draft.lifetime),
    timeoutMs,
    ...(rollout && { rollout }),
    ...(draft.lateJoiners && { lateJoiners: true }),
    ...(planId !== undefined && { planId }),
  };
}
