import type { ReactElement } from 'react';
import { OUTCOME_STYLE, STATE_TEXT } from '../text/index.ts';
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

/** The state of a request, a rollout or a wave. */
export function StateBadge({ state }: { readonly state: keyof typeof STATE_TEXT }): ReactElement {
  const { tone, shape, meaning } = STATE_TEXT[state];
  return (
    <span className={`state tone-${tone}`} title={meaning}>
      <Icon name={shape} size={12} />
      {state}
    </span>
  );
}

/** The most that a program may do. */
export function EffectBadge({ effect }: { readonly effect: string }): ReactElement {
  return <span className={`effect effect-${effect}`}>{effect}</span>;
}
