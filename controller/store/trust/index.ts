export { type StoredBundle, type TrustStore, trustStoreOn } from './trust-store.ts';
