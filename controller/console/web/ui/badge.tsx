import type { ReactElement } from 'react';
import { OUTCOMES } from '../../../../shared/outcome/index.ts';
import type { RequestState, RolloutState } from '../api/index.ts';
import { count, OUTCOME_STYLE, STATE_TEXT, worstTone } from '../text/index.ts';
import { Icon } from './icon.tsx';

/** An outcome by colour, icon and name. */
export function OutcomeBadge({ outcome }: { readonly outcome: string }): ReactElement {
  const style = OUTCOME_STYLE[outcome as keyof typeof OUTCOME_STYLE] ?? OUTCOME_STYLE.unknown;
  return (
    <span className={`outcome tone-${style.tone}`} title={style.meaning}>
      <Icon name={style.shape} size={14} />
      {outcome}
    </span>
  );
}

/** States that say that something is over, and not how it ended. */
const OVER: readonly (keyof typeof STATE_TEXT)[] = ['finished', 'done', 'passed'];

/**
 * The state of a request, a rollout or a wave. One that is over has the colour of the worst outcome of its
 * hosts.
 */
export function StateBadge({
  state,
  outcomes = [],
}: {
  readonly state: keyof typeof STATE_TEXT;
  readonly outcomes?: Parameters<typeof worstTone>[0];
}): ReactElement {
  const { tone: own, shape, meaning } = STATE_TEXT[state];
  const tone = (OVER.includes(state) && worstTone(outcomes)) || own;
  return (
    <span className={`state tone-${tone}`} title={meaning}>
      <Icon name={shape} size={12} />
      {state}
    </span>
  );
}

/** Where a rollout waits for a person, or has stopped; then that says more than the state of its request. */
const HALTED: readonly RolloutState[] = ['stopped', 'awaiting-promotion', 'paused', 'baking'];

/**
 * Where a request is now: of one that was ordered, where its rollout is; of one that is over, in the colour
 * of its worst outcome, and with the number of hosts that failed.
 */
export function RequestBadge({
  state,
  rolloutState,
  outcomes,
}: {
  readonly state: RequestState;
  readonly rolloutState: RolloutState;
  readonly outcomes: Parameters<typeof worstTone>[0];
}): ReactElement {
  const isHalted = HALTED.includes(rolloutState) && (state === 'dispatched' || state === 'finished');
  const failed = outcomes.reduce(
    (sum, { outcome, hosts }) => (OUTCOMES[outcome].fails ? sum + hosts : sum),
    0,
  );
  return (
    <span className="badge-stack">
      <StateBadge state={isHalted ? rolloutState : state} outcomes={outcomes} />
      {failed > 0 && (
        <span className="outcome tone-bad" title="Hosts whose outcome counts as failed">
          <Icon name="cross" size={12} /> {count(failed)} failed
        </span>
      )}
    </span>
  );
}

/** The most that a program may do, and in red whether it may call what it finds in pointers. */
export function EffectBadge({
  effect,
  indirectCalls = false,
}: {
  readonly effect: string;
  readonly indirectCalls?: boolean | undefined;
}): ReactElement {
  return (
    <>
      <span className={`effect effect-${effect}`}>{effect}</span>
      {indirectCalls && (
        <>
          {' '}
          <span className="effect effect-indirect" title={INDIRECT_CALLS_TITLE}>
            indirect calls
          </span>
        </>
      )}
    </>
  );
}

const INDIRECT_CALLS_TITLE =
  'It may call whatever function it finds in a pointer, and not only those that it names.';
