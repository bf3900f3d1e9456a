export {
  type ConsoleSession,
  type ConsoleStore,
  type ConsoleTicket,
  consoleStoreOn,
} from './console-store.ts';
