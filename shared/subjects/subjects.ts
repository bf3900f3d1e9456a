import { FarcallError } from '../errors/index.ts';

/**
 * Every NATS subject of farcall, built here and nowhere else.
 *
 * | subject                      | from       | to          | carries                                |
 * |------------------------------|------------|-------------|----------------------------------------|
 * | farcall.orders               | controller | all agents  | OrderEnvelope                          |
 * | farcall.aborts               | controller | all agents  | AbortEnvelope                          |
 * | farcall.trust                | controller | all agents  | SignedBundle, when there is a new one  |
 * | farcall.to.NAME.plan         | controller | agent NAME  | PlanEnvelope                           |
 * | farcall.to.NAME.types        | controller | agent NAME  | TypesEnvelope                          |
 * | farcall.host.NAME.hello      | agent NAME | controllers | HostHello                              |
 * | farcall.host.NAME.heartbeat  | agent NAME | controllers | SignedHeartbeat                        |
 * | farcall.host.NAME.result     | agent NAME | controllers | ResultEnvelope; reply ResultCommitted  |
 * | farcall.host.NAME.orders     | agent NAME | controllers | OrdersQuery; reply OrdersReply         |
 * | farcall.host.NAME.trust      | agent NAME | controllers | TrustQuery; reply TrustReply           |
 * | farcall.host.NAME.credential | agent NAME | controllers | CredentialQuery; reply CredentialReply |
 * | farcall.host.NAME.plan       | agent NAME | controllers | SignedPlanReply                        |
 * | farcall.host.NAME.types      | agent NAME | controllers | SignedTypesReply                       |
 * | farcall.host.NAME.sign       | agent NAME | controllers | SignEnvelope; reply SignReply          |
 * | farcall.inbox.NAME.…         | controller | agent NAME  | the replies to the queries above       |
 *
 * A host's name is one token of the subject, so that the broker can hold each host to its own (publish only
 * `farcall.host.NAME.>`, read only what is for all hosts, `farcall.to.NAME.>` and `farcall.inbox.NAME.>`).
 */
export const ORDERS_SUBJECT = 'farcall.orders';

/** Subject on which controllers tell all hosts what they must not start any more. */
export const ABORTS_SUBJECT = 'farcall.aborts';

/** New trust bundles, see the table at {@link ORDERS_SUBJECT}. */
export const TRUST_SUBJECT = 'farcall.trust';

/**
 * What a controller says to all hosts; the broker lets every host read these, and controllers alone write
 * there.
 */
export const BROADCAST_SUBJECTS = [ORDERS_SUBJECT, ABORTS_SUBJECT, TRUST_SUBJECT] as const;

/** What a host says to controllers. */
export const HOST_TOPICS = [
  'hello',
  'heartbeat',
  'result',
  'orders',
  'trust',
  'credential',
  'plan',
  'types',
  'sign',
] as const;

/** One of {@link HOST_TOPICS}. */
export type HostTopic = (typeof HOST_TOPICS)[number];

/** Subject on which `host` speaks about `topic`. */
export function hostSubject(host: string, topic: HostTopic): string {
  return `farcall.host.${subjectToken(host)}.${topic}`;
}

/** What a controller says to one host. */
export const ONE_HOST_TOPICS = ['plan', 'types'] as const;

/** Subject on which controllers speak to `host` alone about `topic`. */
export function toHostSubject(host: string, topic: (typeof ONE_HOST_TOPICS)[number]): string {
  return `farcall.to.${subjectToken(host)}.${topic}`;
}

/** Subject by which a controller hears all hosts speak about `topic`. */
export function allHostsSubject(topic: HostTopic): string {
  return `farcall.host.*.${topic}`;
}

/** The host that speaks on `subject`, as the broker let it; what stands in the message must agree with it. */
export function hostOfSubject(subject: string): string {
  const [, kind, host] = subject.split('.');
  if (kind !== 'host' || !host)
    throw new FarcallError('MESSAGE_INVALID', `'${subject}' is not a subject of a host`);
  return host;
}

/** Prefix of the inboxes in which `host` receives replies. */
export function inboxPrefix(host: string): string {
  return `farcall.inbox.${subjectToken(host)}`;
}

function subjectToken(name: string): string {
  if (/^[a-z0-9-]+$/.test(name)) return name;
  throw new FarcallError('CONFIG_INVALID', `'${name}' cannot be a host name: a-z, 0-9 and - only`);
}
