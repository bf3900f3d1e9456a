/** What the server, or the way to it, has against a call. */
export class ApiError extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** One of farcall's codes. */
  readonly code: string;
  /** The whole answer, where there was one. */
  readonly body: unknown;

  constructor(status: number, code: string, message: string, body?: unknown) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** What a person can do about an error, by its code; nothing where the message says it. */
const ADVICE: Readonly<Record<string, string>> = {
  UNREACHABLE: 'Check the network, and that the controller runs. What you typed is kept.',
  UNAUTHENTICATED: 'Sign in again. What you typed is kept.',
  FORBIDDEN: 'Your roles are on the page Trust. Ask the roots if that should change.',
  RATE_LIMITED: 'Wait a moment, then try again.',
  STORE_FAILED: 'Nothing was changed. Try again in a moment.',
  CONFLICT: 'Somebody else was faster, or it went on. Look at how it stands now.',
  REQUEST_EXPIRED: 'Make a new request; this one can no longer run.',
  SELECTOR_INVALID: 'Write labels and facts such as env=prod,kernel~6.1, or * for every host.',
  ROLLOUT_INVALID:
    'Write each wave as 5, 10%, rest, role=canary or 5 of role=canary; then ; bake 5m ; manual.',
  NOT_FOUND: 'Check the address, or go back to the list.',
  TRUST_EXPIRED: 'The roots have to publish a newer trust bundle; nothing is trusted before.',
  TRUST_MISSING: 'The roots have to publish a trust bundle first.',
  INTERNAL: 'Please report this, with the time and what you did.',
};

/** What to do about an error. */
export function adviceFor(code: string): string | undefined {
  return ADVICE[code];
}

/** Anything thrown as an ApiError. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, 'INTERNAL', thrown instanceof Error ? thrown.message : String(thrown));
}
