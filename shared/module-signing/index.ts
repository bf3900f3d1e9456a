export { moduleNameOf } from './module-name.ts';
export { enforcesSignatures, type ModuleFacts } from './signing-facts.ts';
export {
  type ModuleTrustAnchor,
  type SigningSummary,
  signingSummaryText,
  summariseSigning,
} from './signing-summary.ts';
export { appendSignature, SIGNATURE_LIMIT_BYTES } from './trailer.ts';
