export {
  allHostsSubject,
  BROADCAST_SUBJECTS,
  HOST_TOPICS,
  type HostTopic,
  hostOfSubject,
  hostSubject,
  inboxPrefix,
  ORDERS_SUBJECT,
} from './subjects.ts';
