export type { Bus, BusMessage, SubscribeOptions } from './bus.ts';
export { HostBudgets, type OverBudget } from './host-budgets.ts';
export {
  budgetedByHost,
  type HostHandler,
  type HostListening,
  type HostMessage,
  listenToHosts,
} from './listen-to-hosts.ts';
export { connectBus, type NatsOptions } from './nats-bus.ts';
export { type SystemAccount, type SystemAccountOptions, systemAccount } from './system-account.ts';
export { tryLogin } from './try-login.ts';
