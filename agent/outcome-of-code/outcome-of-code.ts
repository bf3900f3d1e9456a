import type { ErrorCode } from '../../shared/errors/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';

/**
 * The outcome of a call that ended in an error of this code. Codes that say nothing about what happened to
 * the call are `unknown`. That cannot be before the call is begun: see {@link outcomeBeforeIntent}.
 */
const OUTCOME_OF_CODE: Readonly<Record<ErrorCode, Outcome>> = {
  // the program is at fault
  PROGRAM_TOO_LARGE: 'compile-error',
  PROGRAM_SYNTAX: 'compile-error',
  PROGRAM_TYPE: 'compile-error',
  PROGRAM_UNSUPPORTED: 'compile-error',
  ENCODING_RANGE: 'compile-error',
  // this kernel lacks what it takes
  LIBRARY_INVALID: 'compile-error',
  SYMBOL_UNKNOWN: 'not-applicable',
  SYMBOL_INLINED: 'not-applicable',
  SYMBOL_AMBIGUOUS: 'not-applicable',
  SYMBOL_NOT_CALLABLE: 'not-applicable',
  SYMBOL_INIT: 'not-applicable',
  BTF_INVALID: 'not-applicable',
  KALLSYMS_INVALID: 'not-applicable',
  KCORE_INVALID: 'not-applicable',
  KERNEL_LACKS: 'not-applicable',
  // the kernel did not take the module
  PERMISSION: 'load-error',
  MODULE_REFUSED: 'load-error',
  MODULE_UNSIGNED: 'load-error',
  MODULE_KEY_UNKNOWN: 'load-error',
  MODULE_SIGNATURE: 'load-error',
  MODULE_LOCKED_DOWN: 'load-error',
  MODULE_WRONG_BUILD: 'load-error',
  SIGNING_REFUSED: 'load-error',
  SIGNING_UNAVAILABLE: 'load-error',
  // a person stopped it before it was begun
  ABORTED: 'aborted',
  // the call itself
  CALL_FAULTED: 'faulted',
  CALL_SKIPPED: 'skipped',
  CALL_TIMED_OUT: 'timed-out',
  OUTCOME_UNKNOWN: 'unknown',
  LOADER_FAILED: 'unknown',
  INTERNAL: 'unknown',
  // this host does not accept the order
  MESSAGE_INVALID: 'refused',
  MESSAGE_LIMIT: 'refused',
  TOKEN_INVALID: 'refused',
  TOKEN_KEY_UNKNOWN: 'refused',
  TOKEN_SIGNATURE: 'refused',
  TOKEN_EXPIRED: 'refused',
  TOKEN_CLAIMS: 'refused',
  SITE_OTHER: 'refused',
  TRUST_INVALID: 'refused',
  TRUST_EXPIRED: 'refused',
  TRUST_WITHHELD: 'refused',
  TRUST_STALE: 'refused',
  CLOCK_WRONG: 'refused',
  APPROVALS_INSUFFICIENT: 'refused',
  SCOPE_EXCEEDED: 'refused',
  APPROVAL_REFUSED: 'refused',
  REQUEST_REJECTED: 'refused',
  REQUEST_EXPIRED: 'refused',
  ALREADY_SEEN: 'refused',
  NOT_SELECTED: 'refused',
  POLICY_REFUSED: 'refused',
  PARAMETER_VALUE: 'refused',
  JOURNAL_DAMAGED: 'unknown',
  JOURNAL_FAILED: 'refused',
  // codes of other parts, which no stage of a call throws
  SELECTOR_INVALID: 'refused',
  EFFECT_EXCEEDED: 'refused',
  ROLLOUT_INVALID: 'refused',
  TRUST_MISSING: 'refused',
  TRUST_SIGNATURES: 'refused',
  TRUST_OLDER: 'refused',
  TRUST_EQUIVOCATION: 'refused',
  TRUST_BEHIND: 'refused',
  NOT_FOUND: 'unknown',
  CONFLICT: 'unknown',
  UNAUTHENTICATED: 'unknown',
  FORBIDDEN: 'unknown',
  LOCKED: 'unknown',
  RATE_LIMITED: 'unknown',
  LEASE_LOST: 'unknown',
  AUDIT_CONTRADICTED: 'unknown',
  RELEASE_INVALID: 'unknown',
  STORE_FAILED: 'unknown',
  STORE_FULL: 'unknown',
  PROVIDER_FAILED: 'unknown',
  CONFIG_INVALID: 'unknown',
  KEY_UNAVAILABLE: 'unknown',
  KEY_REFUSED: 'unknown',
  KEY_WRONG: 'unknown',
  FILE_UNREADABLE: 'unknown',
  UNREACHABLE: 'unknown',
};

/** The outcome of a call that was begun and then threw an error of this code. */
export function outcomeAfterIntent(code: ErrorCode): Outcome {
  return OUTCOME_OF_CODE[code];
}

/**
 * The outcome of an order that failed before its call was begun: nothing ran. It is `unknown` only if the
 * journal says so, which may have lost a call.
 */
export function outcomeBeforeIntent(code: ErrorCode): Outcome {
  const outcome = OUTCOME_OF_CODE[code];
  if (code === 'OUTCOME_UNKNOWN') return 'unknown';
  return outcome === 'unknown' || outcome === 'skipped' ? 'refused' : outcome;
}
