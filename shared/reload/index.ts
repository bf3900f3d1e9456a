export { type ReloadingService, runUntilStopped } from './run-until-stopped.ts';
