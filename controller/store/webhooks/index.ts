export { type CursorMove, type EventsWanted, type WebhookStore, webhookStoreOn } from './webhook-store.ts';
