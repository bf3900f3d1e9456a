export { moduleNameOf } from './module-name.ts';
export {
  enforcesSignatures,
  type ModuleFacts,
  type SigningFacts,
  signingFactsOf,
} from './signing-facts.ts';
export { appendSignature, SIGNATURE_LIMIT_BYTES } from './trailer.ts';
