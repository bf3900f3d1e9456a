export { Arrival, type ArrivalOptions } from './arrival.ts';
export type { Bus, BusEvents } from './bus.ts';
export { type CredentialFile, CredentialKeeper, type CredentialKeeperOptions } from './credential-keeper.ts';
export { Hello, type HelloOptions } from './hello.ts';
export { MissedOrders, type MissedOrdersOptions } from './missed-orders.ts';
export { type BusCredentials, connectNatsBus, type NatsBusOptions } from './nats-bus.ts';
export { OrderQueue, type OrderQueueOptions, QUEUE_LIMIT } from './order-queue.ts';
export { Pulse, type PulseOptions, untilPulseMs } from './pulse.ts';
export { ResultSender, type ResultSenderOptions } from './result-sender.ts';
