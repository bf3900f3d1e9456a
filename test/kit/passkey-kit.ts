import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  keyId,
  type PasskeyAssertion,
  type PasskeyJwk,
  passkeyChallenge,
  passkeyJwkSchema,
  passkeySigningInput,
  passkeyToken,
  sha256,
  type TokenContent,
} from '../../shared/tokens/index.ts';

/** The console of the tests. */
export const RP_ID = 'console.example';
/** Its page. */
export const ORIGIN = 'https://console.example';

/** An authenticator in software: signs as WebAuthn level 3, section 6.3.3 says, with what the test wants changed. */
export interface TestPasskey {
  readonly kid: string;
  readonly publicJwk: PasskeyJwk;
  readonly privateKey: KeyObject;
}

/** What may be otherwise than an honest browser and authenticator have it. */
export interface Ceremony {
  readonly rpId?: string;
  readonly flags?: number;
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly authenticatorData?: Uint8Array;
}

const PRESENT_AND_VERIFIED = 0x05;

/** A new passkey for {@link ORIGIN}. */
export function newPasskey(curve: 'P-256' | 'Ed25519' = 'P-256'): TestPasskey {
  const { privateKey, publicKey } =
    curve === 'P-256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const passkey = { credentialId: randomBytes(32).toString('base64url'), rpId: RP_ID, origins: [ORIGIN] };
  const publicJwk = passkeyJwkSchema.parse({ ...publicKey.export({ format: 'jwk' }), passkey });
  return { kid: keyId(publicJwk), publicJwk, privateKey };
}

/** The assertion over `challenge`. */
export function assertionBy(
  { privateKey }: TestPasskey,
  challenge: Uint8Array,
  { rpId = RP_ID, flags = PRESENT_AND_VERIFIED, clientData, authenticatorData }: Ceremony = {},
): PasskeyAssertion {
  const said = { type: 'webauthn.get', challenge: Buffer.from(challenge).toString('base64url') };
  const clientDataJSON = Buffer.from(
    JSON.stringify({ ...said, origin: ORIGIN, crossOrigin: false, ...clientData }),
  );
  const data = authenticatorData ?? Buffer.concat([sha256(Buffer.from(rpId)), Buffer.of(flags, 0, 0, 0, 7)]);
  const signed = Buffer.concat([data, sha256(clientDataJSON)]);
  const algorithm = privateKey.asymmetricKeyType === 'ec' ? 'sha256' : null;
  return { authenticatorData: data, clientDataJSON, signature: sign(algorithm, signed, privateKey) };
}

/** An approval by `passkey`. */
export function approvalBy(
  passkey: TestPasskey,
  content: TokenContent<'approval'>,
  ceremony?: Ceremony,
): string {
  const input = passkeySigningInput('approval', content, passkey.kid);
  return passkeyToken(input, assertionBy(passkey, passkeyChallenge(input), ceremony));
}
