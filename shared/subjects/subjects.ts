import { FarcallError } from '../errors/index.ts';

/**
 * Every NATS subject of farcall, built here and nowhere else.
 *
 * | subject                      | from       | to          | carries                                |
 * |------------------------------|------------|-------------|----------------------------------------|
 * | farcall.orders               | controller | all agents  | OrderEnvelope                          |
 * | farcall.aborts               | controller | all agents  | AbortEnvelope                          |
 * | farcall.trust                | controller | all agents  | SignedBundle, when there is a new one  |
 * | farcall.freshness            | controller | all agents  | BundleStatement, each minute           |
 * | farcall.to.NAME.plan         | controller | agent NAME  | PlanEnvelope                           |
 * | farcall.to.NAME.types        | controller | agent NAME  | TypesEnvelope                          |
 * | farcall.to.NAME.labels       | controller | agent NAME  | LabelsStatement                        |
 * | farcall.host.NAME.hello      | agent NAME | controllers | HostHello                              |
 * | farcall.host.NAME.heartbeat  | agent NAME | controllers | SignedHeartbeat                        |
 * | farcall.host.NAME.result     | agent NAME | controllers | ResultEnvelope; reply ResultCommitted  |
 * | farcall.host.NAME.abort      | agent NAME | controllers | SignedAbortStatement                   |
 * | farcall.host.NAME.orders     | agent NAME | controllers | OrdersQuery; reply OrdersReply         |
 * | farcall.host.NAME.trust      | agent NAME | controllers | TrustQuery; reply TrustReply           |
 * | farcall.host.NAME.credential | agent NAME | controllers | CredentialQuery; reply CredentialReply |
 * | farcall.host.NAME.plan       | agent NAME | controllers | SignedPlanReply                        |
 * | farcall.host.NAME.types      | agent NAME | controllers | SignedTypesReply                       |
 * | farcall.host.NAME.sign       | agent NAME | controllers | SignEnvelope; reply SignReply          |
 * | farcall.inbox.NAME.…         | controller | agent NAME  | the replies to the queries above       |
 *
 * A host's name is one token of the subject, in which `_` stands for the dots of the name, so that the broker
 * can restrict each host to its own: it publishes on `farcall.host.NAME.>` only, and reads only the four
 * subjects for all agents, `farcall.to.NAME.>` and `farcall.inbox.NAME.>`.
 */
export const ORDERS_SUBJECT = 'farcall.orders';

/** Subject of aborts, see the table at {@link ORDERS_SUBJECT}. Hosts do not start what one of them names. */
export const ABORTS_SUBJECT = 'farcall.aborts';

/** Subject of new trust bundles, see the table at {@link ORDERS_SUBJECT}. */
export const TRUST_SUBJECT = 'farcall.trust';

/** Subject of statements about the newest trust bundle, see the table at {@link ORDERS_SUBJECT}. */
export const FRESHNESS_SUBJECT = 'farcall.freshness';

/**
 * Subjects from controllers to all hosts. The broker lets every host read them, and only controllers publish
 * on them.
 */
export const BROADCAST_SUBJECTS = [ORDERS_SUBJECT, ABORTS_SUBJECT, TRUST_SUBJECT, FRESHNESS_SUBJECT] as const;

/** Last tokens of the subjects on which a host publishes. */
export const HOST_TOPICS = [
  'hello',
  'heartbeat',
  'result',
  'abort',
  'orders',
  'trust',
  'credential',
  'plan',
  'types',
  'sign',
] as const;

/** One of {@link HOST_TOPICS}. */
export type HostTopic = (typeof HOST_TOPICS)[number];

/** Subject on which `host` publishes `topic`. Throws CONFIG_INVALID if `host` cannot be a host name. */
export function hostSubject(host: string, topic: HostTopic): string {
  return `farcall.host.${subjectToken(host)}.${topic}`;
}

/** Last tokens of the subjects from controllers to one host. */
export const ONE_HOST_TOPICS = ['plan', 'types', 'labels'] as const;

/**
 * Subject on which controllers publish `topic` for `host` alone. Throws CONFIG_INVALID if `host` cannot be a
 * host name.
 */
export function toHostSubject(host: string, topic: (typeof ONE_HOST_TOPICS)[number]): string {
  return `farcall.to.${subjectToken(host)}.${topic}`;
}

/** Subject to which a controller subscribes for `topic` of all hosts. */
export function allHostsSubject(topic: HostTopic): string {
  return `farcall.host.*.${topic}`;
}

/**
 * The host that published on `subject`. The broker lets a host use no other name, so the name in a message
 * must be the same. Throws MESSAGE_INVALID if it is not a subject of a host.
 */
export function hostOfSubject(subject: string): string {
  const [, kind, token] = subject.split('.');
  const host = token?.replaceAll('_', '.');
  if (kind !== 'host' || !host || !NAME.test(host))
    throw new FarcallError('MESSAGE_INVALID', `'${subject}' is not a subject of a host`);
  return host;
}

/**
 * Prefix of the inboxes in which `host` receives replies. Throws CONFIG_INVALID if `host` cannot be a host
 * name.
 */
export function inboxPrefix(host: string): string {
  return `farcall.inbox.${subjectToken(host)}`;
}

/** The name of a host: no wildcard, and no `_`, which stands for a dot in a token. */
const NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;

/**
 * The token of subjects that stands for a host, which is also the name of its login at the broker. Throws
 * CONFIG_INVALID if `name` cannot be a host name.
 *
 * Threat: two hosts share a token, or one is a wildcard, and so one speaks for the other. Dots become `_`,
 * which no name has, so each name has a token of its own.
 */
export function subjectToken(name: string): string {
  if (NAME.test(name)) return name.replaceAll('.', '_');
  throw new FarcallError('CONFIG_INVALID', `'${name}' cannot be a host name: a-z, 0-9, - and . only`);
}
