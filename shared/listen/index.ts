export { type ListenAddress, metricsSchema, parseListen } from './listen-address.ts';
