export {
  finishIfComplete,
  giveUpHosts,
  type NewResult,
  type OutcomeStore,
  outcomeStoreOn,
  type ResultEffect,
  type ResultVerdict,
  type SettledHost,
  settleHosts,
} from './outcome-store.ts';
