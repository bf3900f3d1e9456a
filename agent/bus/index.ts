export { type AbortStatementOptions, sayAborted } from './abort-statements.ts';
export type { Bus, BusEvents, ConnectableBus } from './bus.ts';
export { busCredentials } from './bus-credentials.ts';
export { ConnectJitter, type ConnectJitterOptions } from './connect-jitter.ts';
export { credentialFile } from './credential-file.ts';
export {
  type CredentialFile,
  CredentialRenewer,
  type CredentialRenewerOptions,
  credentialEndsAtMs,
} from './credential-renewer.ts';
export { Heartbeat, type HeartbeatOptions, untilHeartbeatMs } from './heartbeat.ts';
export { Hello, type HelloOptions } from './hello.ts';
export {
  type AdmissionReply,
  Incarnation,
  type IncarnationOptions,
  type SignedJournalStatement,
} from './incarnation.ts';
export { MissedOrders, type MissedOrdersOptions } from './missed-orders.ts';
export { type BusCredentials, type NatsBusOptions, natsBus } from './nats-bus.ts';
export { OrderQueue, type OrderQueueOptions, QUEUE_LIMIT } from './order-queue.ts';
export { ResultSender, type ResultSenderOptions } from './result-sender.ts';
