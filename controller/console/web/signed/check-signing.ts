import type { SignedAct, SigningJson } from '../api/index.ts';
import { fromBase64, toBase64url } from './base64.ts';

/** What a passkey is about to sign, as the text itself says it. */
export interface SigningClaims {
  readonly typ: string;
  readonly iss: string;
  readonly req: string;
  readonly decision?: string;
  readonly reason?: string;
  readonly token?: string;
  readonly iat: number;
  readonly exp: number;
}

/** What it must say. */
export interface Expected {
  readonly act: SignedAct;
  /** SHA-256 of the request's bytes, computed in this page. */
  readonly digest: Uint8Array;
  readonly person: string;
  readonly reason: string | undefined;
}

/** Which token each act makes (shared/tokens/kinds.ts). */
const TYPES: Readonly<Record<SignedAct, string>> = {
  approve: 'farcall-approval+jwt',
  reject: 'farcall-approval+jwt',
  withdraw: 'farcall-withdrawal+jwt',
  abort: 'farcall-abort+jwt',
};

/** Claims that this page can show; another one is not signed. */
const SHOWN = new Set(['iss', 'aud', 'iat', 'exp', 'req', 'decision', 'reason', 'token']);

/**
 * Reads what the server asks the passkey to sign. Throws where it is anything else than the expected act of this person
 * about these bytes.
 *
 * Threat: a controller that shows one request and has another one signed, turns a rejection into an approval, or words the
 * reason anew. The challenge that goes to the passkey is computed here from the text that was checked.
 */
export async function checkSigning(
  { signingInput, challenge, act }: SigningJson,
  expected: Expected,
): Promise<{ claims: SigningClaims; challenge: Uint8Array<ArrayBuffer> }> {
  const [header = {}, said = {}] = signingInput.split('.').map(jsonIn);
  const claims = { ...said, typ: header['typ'] } as unknown as SigningClaims;
  const own = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(signingInput)));
  const must = (holds: boolean, problem: string): void => {
    if (!holds) throw new Error(`Not signed: ${problem}. Do not go on; tell whoever runs the controller.`);
  };
  must(act === expected.act && claims.typ === TYPES[expected.act], `the controller asks for ${claims.typ}`);
  must(claims.req === toBase64url(expected.digest), 'it is about another request than the one shown here');
  must(claims.iss === expected.person, `it is in the name of ${claims.iss}`);
  must(claims.decision === decisionOf(expected.act), `it says ${claims.decision}`);
  must((claims.reason ?? '') === (expected.reason ?? ''), `it gives another reason: ${claims.reason}`);
  must(
    Object.keys(said).every(name => SHOWN.has(name)),
    'it says more than this page can show',
  );
  must(challenge === toBase64url(own), 'the challenge is not that of the text shown');
  return { claims, challenge: own };
}

function decisionOf(act: SignedAct): string | undefined {
  return act === 'approve' || act === 'reject' ? act : undefined;
}

function jsonIn(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(part)));
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Error('what is to be signed is not readable');
}
