import type { AssertionJson, RegistrationJson } from '../api/index.ts';
import { PageMessage } from '../text/index.ts';
import { fromBase64, toBase64url } from './base64.ts';
import { ANSWER_LIMIT_MS, problemOf } from './passkey-problem.ts';

/** A token for a passkey to sign, and the passkeys that may sign it. */
export interface PasskeyPrompt {
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly rpId: string;
  /** Empty: the browser offers the passkeys that it has. */
  readonly credentialIds: readonly string[];
}

/** Has a passkey sign, after its owner showed PIN, finger or face. Throws a PageMessage. */
export async function askPasskey({ challenge, rpId, credentialIds }: PasskeyPrompt): Promise<AssertionJson> {
  const askedMs = performance.now();
  const credential = await navigator.credentials
    .get({
      publicKey: {
        challenge,
        rpId,
        timeout: ANSWER_LIMIT_MS,
        userVerification: 'required',
        allowCredentials: credentialIds.map(id => ({ type: 'public-key' as const, id: fromBase64(id) })),
      },
    })
    .catch(thrown => {
      throw problemOf(thrown, performance.now() - askedMs);
    });
  if (!(credential instanceof PublicKeyCredential)) throw new PageMessage('The browser returned no passkey.');
  const { authenticatorData, clientDataJSON, signature } =
    credential.response as AuthenticatorAssertionResponse;
  return {
    credentialId: toBase64url(credential.rawId),
    authenticatorData: toBase64url(authenticatorData),
    clientDataJSON: toBase64url(clientDataJSON),
    signature: toBase64url(signature),
  };
}

/** For which console and person a passkey is made. */
export interface NewPasskey {
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly rpId: string;
  readonly name: string;
}

/** COSE's numbers (RFC 9053) of the signature algorithms that hosts verify: EdDSA and ES256. */
const ALGORITHMS = [-8, -7];

/** Makes a passkey; the attestation object has its public key. Throws a PageMessage. */
export async function makePasskey({ challenge, rpId, name }: NewPasskey): Promise<RegistrationJson> {
  const id = crypto.getRandomValues(new Uint8Array(16));
  const askedMs = performance.now();
  const credential = await navigator.credentials
    .create({
      publicKey: {
        challenge,
        timeout: ANSWER_LIMIT_MS,
        rp: { id: rpId, name: 'farcall' },
        user: { id, name, displayName: name },
        pubKeyCredParams: ALGORITHMS.map(alg => ({ type: 'public-key' as const, alg })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        attestation: 'none',
      },
    })
    .catch(thrown => {
      throw problemOf(thrown, performance.now() - askedMs);
    });
  if (!(credential instanceof PublicKeyCredential)) throw new PageMessage('The browser made no passkey.');
  const { clientDataJSON, attestationObject } = credential.response as AuthenticatorAttestationResponse;
  return { clientDataJSON: toBase64url(clientDataJSON), attestationObject: toBase64url(attestationObject) };
}
