import { outsideScope, type ScopedAct, type TrustBundle } from '../../shared/trust/index.ts';

/** An approver whose approval would not count, and why. */
export interface LimitedApprover {
  readonly name: string;
  readonly reason: string;
}

/** Most approvers that {@link limitedApprovers} names. */
const NAMED_LIMIT = 64;

/** The approvers of `bundle` whose scopes do not cover `act`, in its order; at most 64. */
export function limitedApprovers(bundle: TrustBundle, act: ScopedAct): LimitedApprover[] {
  const limited = bundle.approvers.flatMap(({ name }) => {
    const reason = outsideScope(bundle, { person: name, may: 'approve' }, act);
    return reason === undefined ? [] : [{ name, reason }];
  });
  return limited.slice(0, NAMED_LIMIT);
}
