import { type ReactElement, useState } from 'react';
import type { RequestJson } from '../../api/index.ts';
import { hosts } from '../../text/index.ts';
import { Icon, type IconName } from '../../ui/index.ts';
import type { ActionsProps } from './actions.tsx';
import { nextWave } from './next-wave.ts';
import { retryableOutcomes } from './retryable.ts';
import { SignDialog } from './sign-dialog.tsx';

type RolloutAction = 'pause' | 'resume' | 'promote' | 'retry';

const BUTTONS: Readonly<
  Record<RolloutAction, { readonly text: string; readonly icon: IconName; readonly look: string }>
> = {
  promote: { text: 'Promote', icon: 'play', look: 'primary' },
  resume: { text: 'Resume', icon: 'play', look: 'primary' },
  pause: { text: 'Pause', icon: 'pause', look: '' },
  retry: { text: 'Retry', icon: 'again', look: '' },
};

/** Buttons that pause, resume, promote or retry a rollout, each by this person's signature. */
export function RolloutActions(props: ActionsProps): ReactElement | null {
  const [action, setAction] = useState<RolloutAction>();
  const possible = possibleActions(props.json);
  if (possible.length === 0) return null;
  return (
    <div className="chips">
      {possible.map(each => (
        <button
          key={each}
          type="button"
          className={`button ${BUTTONS[each].look}`}
          onClick={() => setAction(each)}
        >
          <Icon name={BUTTONS[each].icon} /> {BUTTONS[each].text}
          {each === 'promote' && nextWaveText(props.json)}
        </button>
      ))}
      {action && <SignDialog {...props} action={action} onClose={() => setAction(undefined)} />}
    </div>
  );
}

/** Which wave a promotion orders, and for how many hosts: ` wave 2 (11 hosts)`. */
function nextWaveText({ status }: RequestJson): string {
  const next = nextWave(status);
  return next ? ` wave ${next.number} (${hosts(next.hosts)})` : '';
}

function possibleActions({ status }: RequestJson): readonly RolloutAction[] {
  const { rollout, state } = status;
  if (!rollout || !['dispatched', 'approved'].includes(state)) return [];
  const isRunning = ['running', 'baking', 'waiting'].includes(rollout.state);
  return [
    ...(rollout.state === 'awaiting-promotion' ? (['promote'] as const) : []),
    ...(rollout.state === 'paused' ? (['resume'] as const) : []),
    ...(isRunning || rollout.state === 'awaiting-promotion' ? (['pause'] as const) : []),
    ...(retryableOutcomes(status).length > 0 ? (['retry'] as const) : []),
  ];
}
