export { apiTls } from './api-tls.ts';
export { type ControllerConfig, parseConfig, readConfig } from './config.ts';
export { readSecretFile } from './secret-file.ts';
export { type StoreConfig, storeLocation } from './store-config.ts';
