export { ago, count, duration, hosts, localTime, time, until } from './numbers.ts';
export {
  OUTCOME_STYLE,
  OUTCOMES_SHOWN,
  type OutcomeStyle,
  type Shape,
  STATE_TEXT,
  type Tone,
  worstTone,
} from './outcomes.ts';
export { PageMessage } from './page-message.ts';
export { visible } from './visible.ts';
