export { namedTrustVersion } from './named-version.ts';
export { TrustFetcher, type TrustFetcherOptions } from './trust-fetcher.ts';
export { TRUST_FILE } from './trust-files.ts';
export { TrustKeeper, type TrustKeeperOptions, type TrustNow } from './trust-keeper.ts';
