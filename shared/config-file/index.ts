export { type ConfigFile, parseConfigText, readConfigFile } from './config-file.ts';
