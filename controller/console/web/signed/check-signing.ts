import type { SignableAction, SigningProposalJson } from '../api/index.ts';
import { toBase64url } from './base64.ts';
import { mustBe as must, mustBeShown, readSigningText } from './signing-text.ts';

/** The claims of the token that a passkey is about to sign, read from the token's own text. */
export interface SigningClaims {
  readonly typ: string;
  readonly iss: string;
  readonly site: string;
  readonly req: string;
  readonly decision?: string;
  readonly verdict?: string;
  readonly reason?: string;
  readonly token?: string;
  readonly action?: string;
  readonly wave?: number;
  readonly only?: readonly string[];
  readonly iat: number;
  readonly exp: number;
}

/** The claims that a token must have before it is signed. */
export interface ExpectedClaims {
  readonly action: Exclude<SignableAction, 'remove-host'>;
  /** SHA-256 of the request's bytes, computed in this page. */
  readonly digest: Uint8Array;
  /** The site that the request's bytes name. */
  readonly site: string;
  readonly person: string;
  readonly reason: string | undefined;
  /** Of an action on a rollout: the wave that the page shows; 0 for whichever runs. */
  readonly wave?: number | undefined;
  /** Of a retry: the outcomes of the hosts that try again. */
  readonly only?: readonly string[] | undefined;
}

/** The token type of each action (shared/tokens/kinds.ts). */
const TYPES: Readonly<Record<Exclude<SignableAction, 'remove-host'>, string>> = {
  request: 'farcall-request+jwt',
  approve: 'farcall-approval+jwt',
  reject: 'farcall-approval+jwt',
  withdraw: 'farcall-withdrawal+jwt',
  abort: 'farcall-abort+jwt',
  accept: 'farcall-review+jwt',
  object: 'farcall-review+jwt',
  pause: 'farcall-action+jwt',
  resume: 'farcall-action+jwt',
  promote: 'farcall-action+jwt',
  retry: 'farcall-action+jwt',
};

/** Claims that this page can show, and the random id of a token. A token with any other is not signed. */
const SHOWN = new Set([
  ...['iss', 'aud', 'site', 'iat', 'exp', 'jti', 'req', 'decision', 'verdict', 'reason', 'token'],
  ...['action', 'wave', 'only'],
]);

/**
 * Reads the token that the server asks the passkey to sign. Throws unless it is the expected action by this
 * person on these bytes.
 *
 * Threat: a controller shows one request and has another one signed, turns a rejection into an approval, or
 * changes the reason. The challenge for the passkey is computed here, from the text that was checked.
 */
export async function checkSigning(
  proposal: SigningProposalJson,
  expected: ExpectedClaims,
): Promise<{ claims: SigningClaims; challenge: Uint8Array<ArrayBuffer> }> {
  const { action } = proposal;
  const text = await readSigningText(proposal);
  const { typ, claims: payload, challenge } = text;
  const claims = { ...payload, typ } as unknown as SigningClaims;
  must(
    action === expected.action && claims.typ === TYPES[expected.action],
    `the controller asks for ${claims.typ}`,
  );
  must(claims.req === toBase64url(expected.digest), 'it is about another request than the one shown here');
  must(claims.site === expected.site, `it is for another site: ${claims.site}`);
  must(claims.iss === expected.person, `it is in the name of ${claims.iss}`);
  must(claims.decision === decisionOf(expected.action), `it says ${claims.decision}`);
  must(claims.verdict === verdictOf(expected.action), `it says ${claims.verdict}`);
  must(claims.action === rolloutActionOf(expected.action), `it says ${claims.action}`);
  must(claims.wave === expected.wave, `it is about wave ${claims.wave}`);
  must(claims.only?.join() === expected.only?.join(), `it is for hosts that ended as ${claims.only}`);
  must((claims.reason ?? '') === (expected.reason ?? ''), `it gives another reason: ${claims.reason}`);
  mustBeShown(text, SHOWN);
  return { claims, challenge };
}

function decisionOf(action: ExpectedClaims['action']): string | undefined {
  return action === 'approve' || action === 'reject' ? action : undefined;
}

function verdictOf(action: ExpectedClaims['action']): string | undefined {
  return action === 'accept' || action === 'object' ? action : undefined;
}

function rolloutActionOf(action: ExpectedClaims['action']): string | undefined {
  return TYPES[action] === 'farcall-action+jwt' ? action : undefined;
}
