import { z } from 'zod';
import { publicJwkSchema } from './keys.ts';

/** Longest credential id, in bytes (WebAuthn level 3, section 4, "Credential ID": at most 1023). */
const CREDENTIAL_ID_LIMIT_BYTES = 1023;

const base64url = (most: number): z.ZodType<string> =>
  z
    .string()
    .min(1)
    .max(most)
    .refine(
      text => Buffer.from(text, 'base64url').toString('base64url') === text,
      'not in canonical base64url',
    );

/** A P-256 coordinate: 32 bytes. */
const coordinate = base64url(43).refine(text => text.length === 43, 'a P-256 coordinate is 32 bytes');

/**
 * Where a passkey may be used. The domain and the pages are in the trust bundle with the key, so that no
 * other page can have it sign for us.
 */
const passkeyUse = z.strictObject({
  /** With which a browser finds the key. */
  credentialId: base64url(Math.ceil((CREDENTIAL_ID_LIMIT_BYTES * 4) / 3)),
  /** The domain that the key is bound to. */
  rpId: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a domain in lower case'),
  /** The pages that may ask it to sign, as browsers spell origins. */
  origins: z
    .array(z.string().regex(/^https?:\/\/[a-z0-9.[\]:-]{1,255}$/, 'an origin: https://console.example'))
    .min(1)
    .max(8),
});

/** The credential id of a passkey, its domain, and the pages that may use it. */
export type PasskeyUse = z.infer<typeof passkeyUse>;

/**
 * Schemas of the public key of a WebAuthn credential: ES256 (P-256) or EdDSA (Ed25519), with its use. Its key
 * id is the JWK thumbprint, as for any key.
 */
export const passkeyJwkSchemas = [
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    passkey: passkeyUse,
  }),
  publicJwkSchema.extend({ passkey: passkeyUse }),
] as const;

/** Schema of a passkey on either curve. */
export const passkeyJwkSchema = z.union(passkeyJwkSchemas);

/** A passkey's public key, and where it may be used. */
export type PasskeyJwk = z.infer<typeof passkeyJwkSchema>;
