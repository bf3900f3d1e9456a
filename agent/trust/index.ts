export { type CurrentTrust, HostTrustStore, type HostTrustStoreOptions } from './host-trust-store.ts';
export { namedTrustVersion } from './named-version.ts';
export { TrustFetcher, type TrustFetcherOptions } from './trust-fetcher.ts';
export { TRUST_FILE, trustFiles } from './trust-files.ts';
