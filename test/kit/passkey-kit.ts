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

/**
 * An authenticator in software: signs as WebAuthn level 3, section 6.3.3 says, with what the test wants
 * changed.
 */
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

/**
 * A new passkey and what a browser returns from making it for `origin` (WebAuthn level 3, section 6.5),
 * without attestation.
 */
export function registerPasskey(
  challenge: string,
  origin: string,
): {
  readonly privateKey: KeyObject;
  readonly registration: { clientDataJSON: string; attestationObject: string };
} {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  const coordinate = (text: string): Buffer =>
    Buffer.concat([Buffer.of(0x58, 32), Buffer.from(text, 'base64url')]);
  // COSE_Key: {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053, section 7.1.1)
  const coseKey = Buffer.concat([
    Buffer.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21),
    coordinate(x),
    Buffer.of(0x22),
    coordinate(y),
  ]);
  const authData = Buffer.concat([
    sha256(Buffer.from(new URL(origin).hostname)),
    Buffer.of(0x45, 0, 0, 0, 0),
    ...[Buffer.alloc(16), Buffer.of(0, credentialId.length), credentialId, coseKey],
  ]);
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(0x60 + value.length), Buffer.from(value)]);
  const attestationObject = Buffer.concat([
    ...[Buffer.of(0xa3), text('fmt'), text('none'), text('attStmt'), Buffer.of(0xa0), text('authData')],
    ...[Buffer.of(0x59, authData.length >> 8, authData.length & 0xff), authData],
  ]);
  const clientData = { type: 'webauthn.create', challenge, origin, crossOrigin: false };
  return {
    privateKey,
    registration: {
      clientDataJSON: Buffer.from(JSON.stringify(clientData)).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
    },
  };
}
