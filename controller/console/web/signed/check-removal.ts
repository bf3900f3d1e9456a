import type { SigningProposalJson } from '../api/index.ts';
import { mustBe, mustBeShown, readSigningText } from './signing-text.ts';

/** The claims of a token for the removal of a host. */
export interface RemovalClaims {
  readonly host: string;
  /** Id of the key that the host is enrolled with. */
  readonly kid: string;
  readonly site: string;
  readonly person: string;
  readonly reason: string;
}

/** Claims that this page shows, and those that say nothing of their own. */
const SHOWN = new Set(['iss', 'aud', 'site', 'iat', 'exp', 'host', 'kid', 'reason']);

/**
 * Reads the token that the server asks the passkey to sign, and resolves to the challenge for the passkey.
 * Throws unless it is the removal of exactly the host that the page shows, by this person, for this reason.
 *
 * Threat: a controller shows one host and has the removal of another one signed, or has an approval signed in
 * the place of a removal.
 */
export async function checkRemoval(
  proposal: SigningProposalJson,
  expected: RemovalClaims,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = await readSigningText(proposal);
  const { typ, claims, challenge } = text;
  const { host, kid, site, iss, reason } = claims;
  mustBe(typ === 'farcall-host-removal+jwt', `the controller asks for ${typ}`);
  mustBe(host === expected.host, `it is about the host ${host}`);
  mustBe(kid === expected.kid, 'it is about another machine of that name');
  mustBe(site === expected.site, `it is for another site: ${site}`);
  mustBe(iss === expected.person, `it is in the name of ${iss}`);
  mustBe(reason === expected.reason, `it gives another reason: ${reason}`);
  mustBeShown(text, SHOWN);
  return challenge;
}
