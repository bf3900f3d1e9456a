import { verifyRegistrationResponse } from '@simplewebauthn/server';
import {
  cose,
  decodeAttestationObject,
  decodeCredentialPublicKey,
  parseAuthenticatorData,
} from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import { type PasskeyJwk, passkeyJwkSchema } from '../../../shared/tokens/index.ts';
import { type ConsoleDeps, rpIdOf } from '../http/index.ts';
import { challengeIn, redeemChallenge } from './sign-in.ts';

/** What a browser returns from `navigator.credentials.create`, in base64url. */
export const registrationSchema = z.strictObject({
  clientDataJSON: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(4096),
  attestationObject: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(16_384),
});

/** COSE's numbers (RFC 9053) of the two kinds of signature that hosts verify: EdDSA and ES256. */
const ALGORITHMS = [-8, -7];

/**
 * The public key of a new passkey, as the trust bundle takes it. Throws UNAUTHENTICATED, TOKEN_INVALID.
 *
 * Threat: the parts are foreign bytes, CBOR in CBOR, from anybody; they are short, and read by a library that is made for it.
 * Nothing is kept and nobody is trusted by it: the roots decide whose key this is, and a key that does not sign helps
 * nobody.
 */
export async function passkeyFile(
  deps: Pick<ConsoleDeps, 'config' | 'consoles' | 'clock'>,
  { clientDataJSON, attestationObject }: z.infer<typeof registrationSchema>,
): Promise<PasskeyJwk> {
  const challenge = challengeIn(Buffer.from(clientDataJSON, 'base64url'));
  await redeemChallenge(deps, challenge, 'registration');
  const { origin } = deps.config;
  const rpId = rpIdOf(deps.config);
  try {
    const authData = parseAuthenticatorData(
      decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url'))).get('authData'),
    );
    const credentialId = Buffer.from(authData.credentialID ?? []).toString('base64url');
    const { verified } = await verifyRegistrationResponse({
      response: {
        ...{ id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {} },
        response: { clientDataJSON, attestationObject },
      },
      ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rpId },
      ...{ requireUserVerification: true, supportedAlgorithmIDs: ALGORITHMS },
    });
    if (!verified || !authData.credentialPublicKey) throw new Error('it does not verify');
    const passkey = { credentialId, rpId, origins: [origin] };
    return passkeyJwkSchema.parse({ ...jwkOf(authData.credentialPublicKey), passkey });
  } catch (cause) {
    if (cause instanceof FarcallError) throw cause;
    const { message } = cause as Error;
    throw new FarcallError('TOKEN_INVALID', `the new passkey cannot be used: ${message.slice(0, 300)}`, {
      cause,
    });
  }
}

/** RFC 9053, section 7, in the words of RFC 7518 and 8037. */
function jwkOf(credentialPublicKey: Uint8Array): object {
  const key = decodeCredentialPublicKey(new Uint8Array(credentialPublicKey));
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url');
  if (cose.isCOSEPublicKeyEC2(key))
    return { kty: 'EC', crv: 'P-256', x: text(key.get(cose.COSEKEYS.x)), y: text(key.get(cose.COSEKEYS.y)) };
  if (cose.isCOSEPublicKeyOKP(key)) return { kty: 'OKP', crv: 'Ed25519', x: text(key.get(cose.COSEKEYS.x)) };
  throw new Error('its key is of a kind that hosts do not verify');
}
