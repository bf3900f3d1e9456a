import { FarcallError } from '../../shared/errors/index.ts';
import { type CallRequest, exceedsEffect } from '../../shared/messages/index.ts';
import type { DerivedEffect } from './effect-source.ts';

/**
 * Throws EFFECT_EXCEEDED if the program of a request does more on a kernel than the request declares.
 *
 * Threat: a request declares a smaller effect than its program has, so that fewer people, or others, have to
 * approve it. Hosts and the module signer derive the effect for themselves; here the requester and the
 * approvers learn of it, before anybody counts an approval.
 */
export function checkEffect(
  { id, effect: declared, indirectCalls: declaresIndirect }: CallRequest,
  derived: readonly DerivedEffect[],
): void {
  for (const { kernel, effect, indirectCalls } of derived) {
    if (exceedsEffect(effect, declared))
      throw new FarcallError(
        'EFFECT_EXCEEDED',
        `on ${kernel} the effect of request ${id} is ${effect}, but it declares ${declared}; ask again with --effect ${effect}`,
      );
    if (indirectCalls && !declaresIndirect)
      throw new FarcallError(
        'EFFECT_EXCEEDED',
        `on ${kernel} request ${id} calls through pointers, but does not declare it; ask again with --indirect-calls`,
      );
  }
}
