export { splitCanonicalToken, TOKEN_LIMIT_CHARS } from './canonical.ts';
export { digestText, sha256 } from './digest.ts';
export {
  keyId,
  newSigningKey,
  type PublicJwk,
  publicJwkSchema,
  publicKeyOf,
  readKeyFile,
  type SigningKey,
  writeKeyFile,
} from './keys.ts';
export { TOKEN_KINDS, type TokenClaims, type TokenKind } from './kinds.ts';
export { signToken, type TokenContent } from './sign-token.ts';
export {
  CLOCK_TOLERANCE_S,
  type Keyring,
  type KeyValidity,
  type TrustedKey,
  type VerifiedToken,
  type VerifyTokenOptions,
  verifyToken,
} from './verify-token.ts';
