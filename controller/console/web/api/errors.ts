import type { SignInMethodsJson } from '../../../views/index.ts';

/** An error that the server replied, or that kept the page from reaching it. */
export class ApiError extends Error {
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** One of farcall's codes. */
  readonly code: string;
  /** How to sign in, if the server said so. */
  readonly signIn: SignInMethodsJson | undefined;

  constructor(status: number, code: string, message: string, signIn?: SignInMethodsJson) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.signIn = signIn;
  }
}

/** What to do about an error, by its code; codes whose message says it already are absent. */
const ADVICE: Readonly<Record<string, string>> = {
  UNREACHABLE: 'Check the network, and whether the controller is running. What you typed is kept.',
  UNAUTHENTICATED: 'Sign in again. What you typed is kept.',
  FORBIDDEN: 'The page Trust shows your roles. The roots can change them.',
  RATE_LIMITED: 'Wait a moment, then try again.',
  STORE_FAILED: 'Nothing was changed. Try again in a moment.',
  STORE_FULL: 'Nothing was changed. The people who run the controller must make room on its disk.',
  CONFLICT: 'It has changed in the meantime. Look at its status now.',
  REQUEST_EXPIRED: 'This request can no longer run. Make a new one.',
  SELECTOR_INVALID: 'Write labels and facts such as env=prod,kernel~6.1, or * for every host.',
  ROLLOUT_INVALID:
    'Write each wave as 5, 10%, rest, role=canary or 5 of role=canary, then if needed ; bake 5m ; manual.',
  NOT_FOUND: 'Check the address, or go back to the list.',
  TRUST_EXPIRED: 'The roots must publish a newer trust bundle. Until then nothing is trusted.',
  TRUST_MISSING: 'The roots must publish a trust bundle first.',
  INTERNAL: 'Please report this, with the time and what you did.',
};

/** What to do about an error; undefined if its message says so already. */
export function adviceFor(code: string): string | undefined {
  return ADVICE[code];
}

/** `thrown` itself if it is an {@link ApiError}, else an INTERNAL error with its message. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, 'INTERNAL', thrown instanceof Error ? thrown.message : String(thrown));
}
