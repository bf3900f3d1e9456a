export { EVENT_KINDS, EVENTS, type EventKind } from './event-kinds.ts';
export { type Notifier, startNotifier, type WebhookStatus } from './notifier.ts';
export { webhookOf } from './webhook-of.ts';
