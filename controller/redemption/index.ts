export { type VerifiedClaim, verifyRedemption } from './verify-redemption.ts';
