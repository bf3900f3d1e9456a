export {
  type CursorMove,
  type EventsFilter,
  type LogBeginning,
  type LogCursorStore,
  logCursorStoreOn,
} from './log-cursor-store.ts';
