export {
  ABORTS_SUBJECT,
  allHostsSubject,
  BROADCAST_SUBJECTS,
  HOST_TOPICS,
  type HostTopic,
  hostOfSubject,
  hostSubject,
  inboxPrefix,
  ONE_HOST_TOPICS,
  ORDERS_SUBJECT,
  TRUST_SUBJECT,
  toHostSubject,
} from './subjects.ts';
