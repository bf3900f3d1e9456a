import type { SigningProposalJson } from '../api/index.ts';
import { PageMessage } from '../text/index.ts';
import { fromBase64, toBase64url } from './base64.ts';

/** A token to sign, read from its own text. */
export interface SigningText {
  readonly typ: unknown;
  readonly claims: Readonly<Record<string, unknown>>;
  /** SHA-256 of the text: what the passkey signs. */
  readonly challenge: Uint8Array<ArrayBuffer>;
  /** What the server says that the challenge is. */
  readonly given: string;
}

/** Throws the problem unless `isTrue`: nothing is signed then. */
export function mustBe(isTrue: boolean, problem: string): void {
  if (!isTrue)
    throw new PageMessage(`Not signed: ${problem}. Stop here, and tell the people who run the controller.`);
}

/** Throws where the text has claims that the page cannot show, or where the challenge is of another text. */
export function mustBeShown({ claims, challenge, given }: SigningText, shown: ReadonlySet<string>): void {
  mustBe(
    Object.keys(claims).every(name => shown.has(name)),
    'it says more than this page can show',
  );
  mustBe(given === toBase64url(challenge), 'the challenge does not belong to the text shown');
}

/** Reads the text that the server asks the passkey to sign. */
export async function readSigningText({
  signingInput,
  challenge,
}: SigningProposalJson): Promise<SigningText> {
  const [header = {}, claims = {}] = signingInput.split('.').map(jsonIn);
  const own = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(signingInput)));
  return { typ: header['typ'], claims, challenge: own, given: challenge };
}

function jsonIn(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fromBase64(part)),
  );
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new PageMessage('Not signed: the text to sign cannot be read.');
}
