export { type ExpectedHostsDigest, expectedHostsDigest } from './expected-hosts-digest.ts';
export { type LateJoiner, type LateJoinerStore, lateJoinerStoreOn } from './late-joiner-store.ts';
export {
  type ExpectedHost,
  type NewRequest,
  type RequestRecord,
  type RequestStore,
  type RequestsFilter,
  requestStoreOn,
} from './request-store.ts';
