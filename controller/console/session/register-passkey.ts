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
import type { RegistrationJson } from '../../views/index.ts';
import { type ConsoleDeps, rpIdOf } from '../http/index.ts';
import { challengeIn, redeemChallenge } from './sign-in.ts';

/** Checks {@link RegistrationJson}. */
export const registrationSchema = z.strictObject({
  clientDataJSON: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(4096),
  attestationObject: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(16_384),
}) satisfies z.ZodType<RegistrationJson, RegistrationJson>;

/** COSE's numbers (RFC 9053) of the two signature algorithms that hosts verify: EdDSA and ES256. */
const ALGORITHMS = [-8, -7];

/**
 * The public key of a new passkey, in the form that the trust bundle takes. Throws UNAUTHENTICATED,
 * TOKEN_INVALID.
 *
 * Threat: anybody may send these bytes, CBOR within CBOR. Their length is limited, and a library made for
 * them parses them. The controller stores nothing and trusts nobody because of them: the roots decide whose
 * key this is.
 */
export async function passkeyFile(
  deps: Pick<ConsoleDeps, 'config' | 'consoles' | 'clock'>,
  { clientDataJSON, attestationObject }: RegistrationJson,
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
    if (!verified || !authData.credentialPublicKey) throw new Error('its attestation does not verify');
    const passkey = { credentialId, rpId, origins: [origin] };
    return passkeyJwkSchema.parse({ ...jwkOf(authData.credentialPublicKey), passkey });
  } catch (cause) {
    const { message } = cause as Error;
    throw new FarcallError('TOKEN_INVALID', `the new passkey cannot be used: ${message.slice(0, 300)}`, {
      cause,
    });
  }
}

/** A COSE key (RFC 9053, section 7) as a JWK (RFC 7518, RFC 8037). */
function jwkOf(credentialPublicKey: Uint8Array): object {
  const key = decodeCredentialPublicKey(new Uint8Array(credentialPublicKey));
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url');
  if (cose.isCOSEPublicKeyEC2(key))
    return { kty: 'EC', crv: 'P-256', x: text(key.get(cose.COSEKEYS.x)), y: text(key.get(cose.COSEKEYS.y)) };
  if (cose.isCOSEPublicKeyOKP(key)) return { kty: 'OKP', crv: 'Ed25519', x: text(key.get(cose.COSEKEYS.x)) };
  throw new Error('hosts cannot verify signatures by a key of this kind');
}
