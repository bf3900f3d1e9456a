import type { CallDraft } from '../../../../../shared/messages/index.ts';
import type { Effect, PlanDraft, Policy } from '../../api/index.ts';
import { durationIn, type RolloutFields, rolloutIn } from './rollout-fields.ts';

/** The fields of the form, as they were typed. */
export interface Draft extends RolloutFields {
  readonly program: string;
  readonly selector: string;
  readonly reason: string;
  readonly policy: Policy;
  readonly effect: Effect;
  readonly indirectCalls: boolean;
  readonly lifetime: string;
  readonly timeout: string;
  /** Turns that loops may make in all; empty for the usual number. */
  readonly fuel: string;
  readonly lateJoiners: boolean;
}

/** An empty form. */
export const EMPTY_DRAFT: Draft = {
  program: '',
  selector: '',
  reason: '',
  policy: 'standard',
  effect: 'call',
  indirectCalls: false,
  lifetime: '1h',
  timeout: '30s',
  fuel: '',
  lateJoiners: false,
  waves: [],
  maxFailed: '',
  maxFailedShare: '',
  answerWithin: '',
  notApplicableOk: false,
};

const KEY = 'farcall-draft';

/** The draft that was typed in this tab and is not a request yet. */
export function storedDraft(): Draft {
  try {
    return { ...EMPTY_DRAFT, ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Draft>) };
  } catch {
    return EMPTY_DRAFT;
  }
}

/** Stores what is typed while this tab is open: neither a reload nor the end of a session loses it. */
export function storeDraft(draft: Draft): void {
  sessionStorage.setItem(KEY, JSON.stringify(draft));
}

/** The error of each field; empty if the form can be sent. */
export type FieldErrors = Readonly<Partial<Record<keyof Draft, string>>>;

/** Checks what the page can check by itself; the controller checks the rest. */
export function validate(draft: Draft): FieldErrors {
  const errors: Partial<Record<keyof Draft, string>> = {};
  const attempt = (field: keyof Draft, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      errors[field] = error instanceof Error ? error.message : String(error);
    }
  };
  if (draft.program.trim() === '') errors.program = 'Write a program.';
  if (draft.selector.trim() === '') errors.selector = 'Say which hosts; * means every host.';
  if (draft.reason.trim() === '') errors.reason = 'Give a reason for the approvers.';
  attempt('lifetime', () => durationIn(draft.lifetime));
  attempt('timeout', () => durationIn(draft.timeout));
  attempt('fuel', () => fuelIn(draft.fuel));
  attempt('waves', () => rolloutIn(draft, 1000));
  return errors;
}

/** As FUEL_LIMIT of the messages; the page takes no code from there. */
const MOST_FUEL = 1_000_000_000;

/** The member `fuel` of a draft: digits, in groups or not. Throws where the text is no number of turns. */
function fuelIn(text: string): { readonly fuel?: number } {
  if (text.trim() === '') return {};
  const fuel = /^[0-9][0-9,_ ]*$/.test(text.trim()) ? Number(text.replaceAll(/[,_ ]/g, '')) : 0;
  if (fuel < 1 || fuel > MOST_FUEL) throw new Error('Write a number of turns, from 1 to 1,000,000,000.');
  return { fuel };
}

/** How long the controller waits for the hosts' replies to a plan. */
const PLAN_WAIT_MS = 15_000;

/** The plan draft of a form. A plan fits the form as long as its plan draft is the same. */
export function planDraftOf(draft: Draft): PlanDraft {
  const { program, selector, effect, indirectCalls, policy, timeout, fuel } = draft;
  return {
    ...{ program, selector: selector.trim(), effect, policy, timeoutMs: durationIn(timeout) },
    ...(indirectCalls && { indirectCalls }),
    ...fuelIn(fuel),
    ...{ perKernel: 1, hosts: [], waitMs: PLAN_WAIT_MS },
  };
}

/** The body that makes the request. Throws if {@link validate} finds an error. */
export function callDraftOf(draft: Draft, planId: string | undefined): CallDraft {
  const timeoutMs = durationIn(draft.timeout);
  const rollout = rolloutIn(draft, timeoutMs);
  return {
    program: draft.program,
    selector: draft.selector.trim(),
    reason: draft.reason.trim(),
    policy: draft.policy,
    effect: draft.effect,
    ...(draft.indirectCalls && { indirectCalls: true }),
    lifetimeMs: durationIn(draft.lifetime),
    timeoutMs,
    ...fuelIn(draft.fuel),
    ...(rollout && { rollout }),
    ...(draft.lateJoiners && { lateJoiners: true }),
    ...(planId !== undefined && { planId }),
  };
}
