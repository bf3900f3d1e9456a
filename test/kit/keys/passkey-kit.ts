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
} from '../../../shared/tokens/index.ts';

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

/** What may be otherwise than an honest authenticator has it when it makes a passkey. */
export interface Registration {
  readonly flags?: number;
  /** The COSE_Key (RFC 9053) in the place of that of the new passkey. */
  readonly coseKey?: Uint8Array;
  /** Ed25519 in the place of P-256. */
  readonly isEdwards?: boolean;
  /** The signature of a `packed` attestation by the key itself, in the place of no attestation. */
  readonly attestedBy?: Uint8Array;
}

/**
 * A new passkey and what a browser returns from making it for `origin` (WebAuthn level 3, section 6.5),
 * without attestation.
 */
export function registerPasskey(
  challenge: string,
  origin: string,
  { flags = 0x45, coseKey, isEdwards = false, attestedBy }: Registration = {},
): {
  readonly privateKey: KeyObject;
  readonly registration: { clientDataJSON: string; attestationObject: string };
} {
  const { privateKey, publicKey } = isEdwards
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  const authData = Buffer.concat([
    sha256(Buffer.from(new URL(origin).hostname)),
    Buffer.of(flags, 0, 0, 0, 0),
    ...[Buffer.alloc(16), Buffer.of(0, credentialId.length), credentialId, coseKey ?? coseKeyOf(publicKey)],
  ]);
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(0x60 + value.length), Buffer.from(value)]);
  const statement = attestedBy
    ? [
        ...[text('packed'), text('attStmt'), Buffer.of(0xa2), text('alg'), Buffer.of(0x26), text('sig')],
        ...[Buffer.of(0x58, attestedBy.length), attestedBy],
      ]
    : [text('none'), text('attStmt'), Buffer.of(0xa0)];
  const attestationObject = Buffer.concat([
    ...[Buffer.of(0xa3), text('fmt'), ...statement, text('authData')],
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

/**
 * COSE_Key (RFC 9053, sections 7.1.1 and 7.2): {1: 2, 3: -7, -1: 1, -2: x, -3: y} of P-256, {1: 1, 3: -8, -1:
 * 6, -2: x} of Ed25519.
 */
function coseKeyOf(publicKey: KeyObject): Buffer {
  const { x = '', y } = publicKey.export({ format: 'jwk' });
  const coordinate = (text: string): Buffer =>
    Buffer.concat([Buffer.of(0x58, 32), Buffer.from(text, 'base64url')]);
  if (y === undefined) return Buffer.concat([Buffer.of(0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21), coordinate(x)]);
  const head = Buffer.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21);
  return Buffer.concat([head, coordinate(x), Buffer.of(0x22), coordinate(y)]);
}
