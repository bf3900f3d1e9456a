export { type AnnounceDeps, trustAnnouncer } from './announce-trust.ts';
export { answerTrustQuery, type TrustAnswerDeps, trustAfter } from './answer-trust-query.ts';
export { type OperatorKeys, type OperatorRole, operatorKeys } from './operator-keys.ts';
export { freshnessPublisher, type PublishFreshnessDeps } from './publish-freshness.ts';
export { openTrustRegistry, type TrustRegistry, type TrustRegistryDeps } from './trust-registry.ts';
export { type TrustSource, trustSource } from './trust-source.ts';
