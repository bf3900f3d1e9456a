export { apiTls } from './api-tls.ts';
export { type ControllerConfig, parseConfig, readConfig } from './config.ts';
export { type StoreConfig, storeLocation } from './store-config.ts';
export { parseWebhookUrl } from './webhook-config.ts';
