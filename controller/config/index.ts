export { type ControllerConfig, parseConfig, readConfig } from './config.ts';
