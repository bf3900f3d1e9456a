export { KEYED_TOOLS, PAGER_KINDS, PAGERS, TOOL_FORMAT_NAMES } from './formats/index.ts';
export { EVENT_KINDS, EVENTS, type EventKind } from './kinds/index.ts';
export { type Notifier, startNotifier, type WebhookStatus } from './notifier.ts';
export { type WebhookSettings, webhookOf } from './webhook-of.ts';
