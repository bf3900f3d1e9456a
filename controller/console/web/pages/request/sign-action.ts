import {
  type Outcome,
  post,
  type RequestJson,
  type SignedAction,
  type SigningProposalJson,
} from '../../api/index.ts';
import { askPasskey, checkSigning, type ExpectedClaims, type SigningClaims } from '../../signed/index.ts';

/** A token that was checked and is ready to be signed. */
export interface PreparedSignature {
  readonly action: SignedAction;
  readonly proposal: SigningProposalJson;
  readonly claims: SigningClaims;
  readonly challenge: Uint8Array<ArrayBuffer>;
}

/**
 * Gets the token to sign for an action on request `id`, and checks it. Throws where it is not what it must
 * be.
 */
export async function prepare(
  id: string,
  expected: ExpectedClaims & {
    readonly action: SignedAction;
    readonly only?: readonly Outcome[] | undefined;
  },
): Promise<PreparedSignature> {
  const { action, reason, wave, only } = expected;
  const body = { action, wave, ...(reason && { reason }), ...(only && { only }) };
  const proposal = await post('requests/:id/sign/challenge', { params: { id }, body });
  return { action, proposal, ...(await checkSigning(proposal, expected)) };
}

/** Has the passkey sign, and submits the signature; resolves to the request after it. */
export async function signAndSend(
  id: string,
  { action, proposal, challenge }: PreparedSignature,
): Promise<RequestJson> {
  const { signingInput, rpId, credentialIds } = proposal;
  const assertion = await askPasskey({ challenge, rpId, credentialIds });
  return post('requests/:id/sign', { params: { id }, body: { action, signingInput, ...assertion } });
}
