export {
  finishIfComplete,
  giveUpHosts,
  type NewResult,
  type OutcomeStore,
  outcomeStoreOn,
  type ResultEffect,
  type ResultVerdict,
} from './outcome-store.ts';
