import { fromBase64, toBase64url } from './base64.ts';

/** An assertion as the server takes it; everything base64url. */
export interface AssertionJson {
  readonly credentialId: string;
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
}

/** What a passkey is asked. */
export interface PasskeyQuestion {
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly rpId: string;
  /** None: the browser offers those it knows. */
  readonly credentialIds: readonly string[];
}

/** Has a passkey sign; its person must show PIN, finger or face. Throws with a text for people where that fails. */
export async function askPasskey({
  challenge,
  rpId,
  credentialIds,
}: PasskeyQuestion): Promise<AssertionJson> {
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
  if (!(credential instanceof PublicKeyCredential)) throw new Error('The browser gave no passkey.');
  const { authenticatorData, clientDataJSON, signature } =
    credential.response as AuthenticatorAssertionResponse;
  return {
    credentialId: toBase64url(credential.rawId),
    authenticatorData: toBase64url(authenticatorData),
    clientDataJSON: toBase64url(clientDataJSON),
    signature: toBase64url(signature),
  };
}

/** What a new passkey is made for. */
export interface NewPasskey {
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly rpId: string;
  readonly name: string;
}

/** COSE algorithm numbers that hosts verify (RFC 9053): EdDSA and ES256. */
const ALGORITHMS = [-8, -7];

/** Makes a passkey; its public key stands in the attestation object. Throws with a text for people. */
export async function makePasskey({ challenge, rpId, name }: NewPasskey) {
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
    return 'The passkey did not sign: it was cancelled, or took too long. Try again.';
  if (name === 'SecurityError')
    return 'The browser does not let this address use the passkey; open the console by its own name.';
  if (name === 'InvalidStateError') return 'This device has such a passkey already.';
  return `The browser could not ask the passkey: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}
