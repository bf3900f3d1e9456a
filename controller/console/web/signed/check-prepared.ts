import type { CallDraft } from '../api/index.ts';
import { PageMessage } from '../text/index.ts';
import { exceedsEffect } from './effects.ts';
import type { SignedRequest } from './read-request.ts';

/**
 * Throws where `request`, as the controller prepared it, is not what the person asked for in `draft`.
 *
 * Threat: a controller prepares another program, more hosts or a milder gate, and the person's passkey signs
 * it. The controller may only add `#define` lines of its prelude before the program, which approvers see, and
 * declare a larger effect, for which no fewer people have to approve.
 * Which plan it names is not compared here: approvers compare the plan with the request.
 */
export function checkPrepared(request: SignedRequest, draft: CallDraft, person: string): void {
  const { library } = request;
  const { library: draftLibrary } = draft;
  const same: Readonly<Record<Exclude<keyof CallDraft, 'planId'> | 'requester', boolean>> = {
    requester: request.requester === person,
    program: isProgramOf(draft.program, request.program),
    library: library === draftLibrary,
    selector: request.selector === draft.selector,
    reason: request.reason === draft.reason,
    policy: request.policy === draft.policy,
    effect: draft.effect === undefined || !exceedsEffect(draft.effect, request.effect),
    indirectCalls: (request.indirectCalls ?? false) === (draft.indirectCalls ?? false),
    lifetimeMs: request.expiresAtMs - request.createdAtMs === draft.lifetimeMs,
    timeoutMs: request.timeoutMs === draft.timeoutMs,
    fuel: request.fuel === draft.fuel,
    values: request.values === draft.values,
    rollout: isSameJson(request.rollout, draft.rollout),
    lateJoiners: (request.lateJoiners ?? false) === (draft.lateJoiners ?? false),
  };
  const others = Object.entries(same).flatMap(([member, isSame]) => (isSame ? [] : [member]));
  if (others.length === 0) return;
  throw new PageMessage(
    `Not signed: the controller prepared another request than yours: its ${others.join(', ')}. ` +
      'Stop here, and tell the people who run the controller.',
  );
}

/** As on the command line: nothing but lines of a prelude before the program. */
function isProgramOf(sent: string, received: string): boolean {
  if (!received.endsWith(sent)) return false;
  return /^(#define [^\n]*\n)*$/.test(received.slice(0, received.length - sent.length));
}

/** Whether two values have the same members, in whatever order. */
function isSameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const [members, others] = [Object.entries(one), Object.entries(other)].map(entries =>
    entries.filter(([, value]) => value !== undefined),
  ) as [[string, unknown][], [string, unknown][]];
  const otherOf = new Map(others);
  return (
    members.length === others.length &&
    members.every(([name, value]) => otherOf.has(name) && isSameJson(value, otherOf.get(name)))
  );
}
