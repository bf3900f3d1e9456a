import type { status } from '@grpc/grpc-js';

/** A gRPC status name, such as 'NOT_FOUND'. It is a string, so that nobody loads gRPC to read this table. */
export type GrpcStatusName = keyof typeof status;

interface CodeEntry {
  /** What happened, as one sentence for the documentation. */
  readonly summary: string;
  /** The gRPC status with which the operator API reports it. */
  readonly grpcStatus: GrpcStatusName;
  /** Whether the same call, repeated later without a change, may succeed. */
  readonly retryable: boolean;
}

function entry(
  summary: string,
  grpcStatus: GrpcStatusName = 'INVALID_ARGUMENT',
  retryable = false,
): CodeEntry {
  return { summary, grpcStatus, retryable };
}

/**
 * Every error code of farcall, grouped by the part that throws it. A code is stable: scripts may match on it.
 * A test checks that the documentation lists each of them.
 */
export const ERROR_CODES = {
  // call programs
  PROGRAM_TOO_LARGE: entry('The call program is longer than the limit.'),
  PROGRAM_SYNTAX: entry('The call program is not C as farcall accepts it.'),
  PROGRAM_TYPE: entry('The call program breaks a typing rule of C.'),
  PROGRAM_UNSUPPORTED: entry('The call program uses a part of C that farcall does not compile.'),
  PARAMETER_VALUE: entry('A value is none that the parameter of the call program may have.'),
  SYMBOL_UNKNOWN: entry('The kernel of this host has no symbol of that name.'),
  SYMBOL_INLINED: entry(
    'The kernel has the function, but the compiler inlined it everywhere, so it cannot be called.',
  ),
  SYMBOL_AMBIGUOUS: entry('The kernel has several different symbols of that name.'),
  SYMBOL_NOT_CALLABLE: entry(
    'The symbol is part of a function, or its calling convention differs from its prototype.',
  ),
  LIBRARY_INVALID: entry('A header of the library, or a library text, is not of the form that it must have.'),
  SYMBOL_INIT: entry('The kernel discarded the function once it had booted (__init).'),
  // kernel data
  BTF_INVALID: entry('The type information of this kernel cannot be read.', 'FAILED_PRECONDITION'),
  KALLSYMS_INVALID: entry('The symbol table of this kernel cannot be read.', 'FAILED_PRECONDITION'),
  KCORE_INVALID: entry('/proc/kcore cannot be read as an ELF core.', 'FAILED_PRECONDITION'),
  KERNEL_LACKS: entry(
    'This kernel lacks something that farcall needs; the message names it.',
    'FAILED_PRECONDITION',
  ),
  PERMISSION: entry('The agent lacks a privilege on this host; the message names it.', 'PERMISSION_DENIED'),
  ENCODING_RANGE: entry('A number does not fit its field in machine code or ELF.', 'INTERNAL'),
  // loading
  LOADER_FAILED: entry('The loader process failed.', 'INTERNAL'),
  MODULE_REFUSED: entry(
    'The kernel refused the module; the message gives its errno and what it means.',
    'FAILED_PRECONDITION',
  ),
  MODULE_UNSIGNED: entry(
    'The kernel takes signed modules only, and the module was not signed.',
    'FAILED_PRECONDITION',
  ),
  MODULE_KEY_UNKNOWN: entry('The kernel has no key for the signature of the module.', 'FAILED_PRECONDITION'),
  MODULE_SIGNATURE: entry(
    'The signature of the module is invalid, or has a format that the kernel does not read.',
    'FAILED_PRECONDITION',
  ),
  MODULE_LOCKED_DOWN: entry(
    'The kernel is locked down and takes signed modules only; the module was not signed.',
    'FAILED_PRECONDITION',
  ),
  MODULE_WRONG_BUILD: entry('The module was made for another build of the kernel.', 'FAILED_PRECONDITION'),
  SIGNING_REFUSED: entry(
    'The controller does not sign the module; the message says why.',
    'PERMISSION_DENIED',
  ),
  SIGNING_UNAVAILABLE: entry(
    'The module could not be signed: no controller answered, or the key cannot be used.',
    'UNAVAILABLE',
    true,
  ),
  CALL_FAULTED: entry('The call hit a bad address; the kernel log is in the result.', 'ABORTED'),
  CALL_SKIPPED: entry(
    'A require() of the program was false on this host, or find_task() found no task; nothing after it was done.',
    'FAILED_PRECONDITION',
  ),
  CALL_TIMED_OUT: entry('The call did not return in time.', 'DEADLINE_EXCEEDED'),
  // messages and tokens
  MESSAGE_INVALID: entry('Bytes from the network are not a valid message.'),
  MESSAGE_LIMIT: entry(
    'A message has more parts than one of its kind may have; the message names the limit.',
    'RESOURCE_EXHAUSTED',
  ),
  TOKEN_INVALID: entry('A token is malformed, or not in the canonical form.', 'UNAUTHENTICATED'),
  TOKEN_KEY_UNKNOWN: entry(
    'A token is signed with a key that is not trusted for this purpose.',
    'UNAUTHENTICATED',
  ),
  TOKEN_SIGNATURE: entry('The signature of a token is invalid.', 'UNAUTHENTICATED'),
  TOKEN_EXPIRED: entry('A token is expired, or not yet valid.', 'UNAUTHENTICATED'),
  TOKEN_CLAIMS: entry('A token was made for another purpose, audience or request.', 'UNAUTHENTICATED'),
  SITE_OTHER: entry(
    'A token, request, trust bundle or host belongs to another site; the message names both.',
    'PERMISSION_DENIED',
  ),
  TRUST_INVALID: entry(
    'The trust bundle cannot be used; the message says what is wrong.',
    'FAILED_PRECONDITION',
  ),
  TRUST_MISSING: entry('There is no trust bundle yet; the roots have to publish one.', 'FAILED_PRECONDITION'),
  TRUST_EXPIRED: entry(
    'The trust bundle has expired; nothing is trusted until the roots publish a newer one.',
    'FAILED_PRECONDITION',
  ),
  TRUST_SIGNATURES: entry('Fewer roots than needed have signed the trust bundle.', 'PERMISSION_DENIED'),
  TRUST_OLDER: entry(
    'The trust bundle is older than the one in force; versions never go back.',
    'FAILED_PRECONDITION',
  ),
  TRUST_EQUIVOCATION: entry(
    'The roots have signed two different trust bundles with the same version; ask them what happened.',
    'FAILED_PRECONDITION',
  ),
  TRUST_BEHIND: entry(
    'The approvals of an order were counted with a newer trust bundle; the order waits until this host has it.',
    'FAILED_PRECONDITION',
    true,
  ),
  TRUST_WITHHELD: entry(
    'A controller named a newer trust bundle, and this host cannot get it; somebody may hold it back.',
    'FAILED_PRECONDITION',
    true,
  ),
  TRUST_STALE: entry(
    'No controller stated lately which trust bundle is the newest; somebody may hold newer ones back.',
    'FAILED_PRECONDITION',
    true,
  ),
  CLOCK_WRONG: entry(
    'The clock is set to a time before the trust bundle was made; correct it.',
    'FAILED_PRECONDITION',
    true,
  ),
  APPROVALS_INSUFFICIENT: entry(
    'There are fewer valid approvals than the policy requires.',
    'PERMISSION_DENIED',
  ),
  SCOPE_EXCEEDED: entry(
    'The trust bundle limits what this person may ask for or approve, and this is outside of it.',
    'PERMISSION_DENIED',
  ),
  APPROVAL_REFUSED: entry('The approval is not valid; the message says why.', 'PERMISSION_DENIED'),
  REQUEST_REJECTED: entry(
    'An approver rejected the request and has not withdrawn the rejection.',
    'PERMISSION_DENIED',
  ),
  ABORTED: entry('The request was aborted before it started on this host.', 'ABORTED'),
  REQUEST_EXPIRED: entry('The request has expired.', 'FAILED_PRECONDITION'),
  ALREADY_SEEN: entry('This host has already seen this request; it never runs twice.', 'ALREADY_EXISTS'),
  OUTCOME_UNKNOWN: entry(
    'The host or agent stopped while the call ran; whether it finished is unknown.',
    'UNKNOWN',
  ),
  NOT_SELECTED: entry('The order is not for this host.', 'FAILED_PRECONDITION'),
  POLICY_REFUSED: entry(
    'The policy of the host forbids this; the message names the rule.',
    'PERMISSION_DENIED',
  ),
  // controller
  SELECTOR_INVALID: entry('The host selector cannot be read.'),
  EFFECT_EXCEEDED: entry(
    'The program does more than its request declares; the message says what to declare.',
    'FAILED_PRECONDITION',
  ),
  ROLLOUT_INVALID: entry('The waves or limits of a rollout cannot be read, or do not fit the hosts.'),
  NOT_FOUND: entry('Nothing has that name or id.', 'NOT_FOUND'),
  CONFLICT: entry('The state of the object does not allow this.', 'FAILED_PRECONDITION'),
  UNAUTHENTICATED: entry('The caller could not be authenticated.', 'UNAUTHENTICATED'),
  FORBIDDEN: entry('The caller may not do this.', 'PERMISSION_DENIED'),
  LOCKED: entry('A lock stands on this host, person or controller.', 'PERMISSION_DENIED'),
  RATE_LIMITED: entry('Too many attempts at once; wait a moment.', 'RESOURCE_EXHAUSTED', true),
  AUDIT_CONTRADICTED: entry(
    'The audit log contradicts what was seen of it before: it was cut, rewritten, or it is another one.',
    'FAILED_PRECONDITION',
  ),
  RELEASE_INVALID: entry(
    'A file of a release is missing, was changed, or was not signed by the key that was given.',
    'FAILED_PRECONDITION',
  ),
  LEASE_LOST: entry('Another controller has taken over this work; nothing was written.', 'ABORTED'),
  STORE_FAILED: entry('The store could not commit; the message says why.', 'UNAVAILABLE', true),
  STORE_FULL: entry(
    'The disk of the store is full: nothing can be written until there is room, and what only reads works.',
    'UNAVAILABLE',
    true,
  ),
  // everywhere
  CONFIG_INVALID: entry('A configuration file or option is wrong; the message says where.'),
  KEY_UNAVAILABLE: entry(
    'The token or ssh-agent with a key cannot be used, or has no such key; the message says which.',
    'FAILED_PRECONDITION',
  ),
  KEY_REFUSED: entry(
    'A token or ssh-agent refuses to sign: the PIN is wrong or locked, or a person said no.',
    'PERMISSION_DENIED',
  ),
  KEY_WRONG: entry(
    'A token or ssh-agent made a signature that is not by its key; the signature was thrown away.',
    'FAILED_PRECONDITION',
  ),
  FILE_UNREADABLE: entry('A required file cannot be read; the message names it.', 'FAILED_PRECONDITION'),
  JOURNAL_FAILED: entry(
    'The journal on this host cannot be written; nothing runs without it.',
    'UNAVAILABLE',
    true,
  ),
  JOURNAL_DAMAGED: entry(
    'The journal on this host is damaged, or is that of another host; the agent runs nothing until a person decides.',
    'FAILED_PRECONDITION',
  ),
  PROVIDER_FAILED: entry('The identity provider does not follow OpenID Connect.', 'UNAVAILABLE', true),
  UNREACHABLE: entry('The other side cannot be reached.', 'UNAVAILABLE', true),
  INTERNAL: entry('An internal error in farcall; please report it.', 'INTERNAL'),
} as const satisfies Record<string, CodeEntry>;

/** A key of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * Whether `code` is a key of {@link ERROR_CODES}. A code from the network is only a string until this says
 * so.
 */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
