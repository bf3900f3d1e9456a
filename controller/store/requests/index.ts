export { type ExpectedHostsDigest, expectedHostsDigest } from './expected-hosts-digest.ts';
export { type Joiner, type JoinerStore, joinerStoreOn } from './late-joiner-store.ts';
export {
  type ExpectedHost,
  type NewRequest,
  type RequestRecord,
  type RequestStore,
  type RequestsWanted,
  requestStoreOn,
} from './request-store.ts';
