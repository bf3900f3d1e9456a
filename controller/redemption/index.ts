export { nkeyPublicKey } from './nkey-public-key.ts';
export { type VerifiedClaim, verifyRedemption } from './verify-redemption.ts';
