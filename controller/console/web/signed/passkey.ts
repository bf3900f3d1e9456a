import type { AssertionJson, RegistrationJson } from '../api/index.ts';
import { fromBase64, toBase64url } from './base64.ts';

/** A token for a passkey to sign, and the passkeys that may sign it. */
export interface PasskeyPrompt {
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly rpId: string;
  /** Empty: the browser offers the passkeys that it has. */
  readonly credentialIds: readonly string[];
}

/** Has a passkey sign, after its owner showed PIN, finger or face. Throws an error with a text for people. */
export async function askPasskey({ challenge, rpId, credentialIds }: PasskeyPrompt): Promise<AssertionJson> {
  const credential = await navigator.credentials
    .get({
      publicKey: {
        challenge,
        rpId,
        userVerification: 'required',
        allowCredentials: credentialIds.map(id => ({ type: 'public-key' as const, id: fromBase64(id) })),
      },
    })
    .catch(thrown => {
      throw new Error(problemOf(thrown));
    });
  if (!(credential instanceof PublicKeyCredential)) throw new Error('The browser returned no passkey.');
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

/** Makes a passkey; the attestation object has its public key. Throws an error with a text for people. */
export async function makePasskey({ challenge, rpId, name }: NewPasskey): Promise<RegistrationJson> {
  const id = crypto.getRandomValues(new Uint8Array(16));
  const credential = await navigator.credentials
    .create({
      publicKey: {
        challenge,
        rp: { id: rpId, name: 'farcall' },
        user: { id, name, displayName: name },
        pubKeyCredParams: ALGORITHMS.map(alg => ({ type: 'public-key' as const, alg })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        attestation: 'none',
      },
    })
    .catch(thrown => {
      throw new Error(problemOf(thrown));
    });
  if (!(credential instanceof PublicKeyCredential)) throw new Error('The browser made no passkey.');
  const { clientDataJSON, attestationObject } = credential.response as AuthenticatorAttestationResponse;
  return { clientDataJSON: toBase64url(clientDataJSON), attestationObject: toBase64url(attestationObject) };
}

function problemOf(thrown: unknown): string {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'NotAllowedError')
    return 'The passkey did not sign: you cancelled it, or it took too long. Try again.';
  if (name === 'SecurityError')
    return 'The browser does not allow the passkey at this address. Open the console at the address in its settings.';
  if (name === 'InvalidStateError') return 'This device already has a passkey for this person.';
  return `The browser could not use the passkey: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}
