export { type CursorMove, type EventsFilter, type WebhookStore, webhookStoreOn } from './webhook-store.ts';
