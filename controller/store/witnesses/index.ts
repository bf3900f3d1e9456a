export { type NewStatement, type WitnessStore, witnessStoreOn } from './witness-store.ts';
