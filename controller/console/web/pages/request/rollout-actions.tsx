import { type ReactElement, useState } from 'react';
import type { RequestJson } from '../../api/index.ts';
import { Icon, type IconName } from '../../ui/index.ts';
import { retryableOutcomes } from './retryable.ts';
import { type RolloutAction, RolloutDialog } from './rollout-dialog.tsx';

const BUTTONS: Readonly<Record<RolloutAction, { readonly icon: IconName; readonly look: string }>> = {
  promote: { icon: 'play', look: 'primary' },
  resume: { icon: 'play', look: 'primary' },
  pause: { icon: 'pause', look: '' },
  retry: { icon: 'again', look: '' },
};

const TEXTS: Readonly<Record<RolloutAction, string>> = {
  promote: 'Promote',
  resume: 'Resume',
  pause: 'Pause',
  retry: 'Retry',
};

/** Buttons that pause, resume, promote or retry a rollout. None of them runs anything that was not signed. */
export function RolloutActions({
  json,
  onDone,
}: {
  readonly json: RequestJson;
  readonly onDone: (after: RequestJson) => void;
}): ReactElement | null {
  const [action, setAction] = useState<RolloutAction>();
  const possible = possibleActions(json);
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
          <Icon name={BUTTONS[each].icon} /> {TEXTS[each]}
        </button>
      ))}
      {action && (
        <RolloutDialog
          {...{ json, action, onDone, text: TEXTS[action] }}
          onClose={() => setAction(undefined)}
        />
      )}
    </div>
  );
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
