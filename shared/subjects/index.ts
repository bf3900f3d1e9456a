export {
  ABORTS_SUBJECT,
  allHostsSubject,
  BROADCAST_SUBJECTS,
  HOST_TOPICS,
  type HostTopic,
  hostOfSubject,
  hostSubject,
  inboxPrefix,
  ORDERS_SUBJECT,
  TRUST_SUBJECT,
} from './subjects.ts';
