export { canonicalParts, signedAtMs, splitCanonicalToken, TOKEN_LIMIT_CHARS } from './canonical.ts';
export { digestText, sha256, tokenDigest } from './digest.ts';
export { withLowS } from './ecdsa-signature.ts';
export {
  ID_TOKEN_ALGORITHMS,
  type IdTokenIdentity,
  type IdTokenUse,
  type ProviderKeys,
  providerKeys,
  verifyIdToken,
} from './id-token.ts';
export {
  type AnyPublicJwk,
  deviceKey,
  type KeyPair,
  keyFileText,
  keyId,
  keyPairOfSeed,
  newSigningKey,
  type PublicJwk,
  publicJwkSchema,
  publicKeyOf,
  readKeyFile,
  type SigningKey,
  writeKeyFile,
} from './keys.ts';
export {
  COMMITTED_LIMIT,
  HOST_STATEMENTS,
  type HostStatementKind,
  TOKEN_KINDS,
  type TokenClaims,
  type TokenKind,
} from './kinds.ts';
export { type PasskeyJwk, type PasskeyUse, passkeyJwkSchema, passkeyJwkSchemas } from './passkey-key.ts';
export {
  PASSKEY_ALG,
  PASSKEY_KINDS,
  type PasskeyAssertion,
  passkeyChallenge,
  passkeySigningInput,
  passkeyToken,
  verifyPasskeyAssertion,
} from './passkey-token.ts';
export { signToken, type TokenContent } from './sign-token.ts';
export { requireSite, shortSite } from './site.ts';
export { verifySignature } from './verify-signature.ts';
export {
  CLOCK_TOLERANCE_S,
  type Keyring,
  type KeyValidity,
  type TrustedKey,
  type VerifiedToken,
  type VerifyTokenOptions,
  verifyToken,
} from './verify-token.ts';
