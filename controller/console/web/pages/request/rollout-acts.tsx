import { type ReactElement, useState } from 'react';
import { RETRYABLE_OUTCOMES } from '../../../../../shared/rollout/index.ts';
import { type Outcome, post, type RequestJson } from '../../api/index.ts';
import { count } from '../../text/index.ts';
import { Dialog, ErrorNotice, Field, Icon, type IconName, OutcomeBadge } from '../../ui/index.ts';

type RolloutAction = 'pause' | 'resume' | 'promote' | 'retry';

const ACTS: Readonly<
  Record<
    RolloutAction,
    { readonly text: string; readonly icon: IconName; readonly look: string; readonly meaning: string }
  >
> = {
  promote: { text: 'Promote', icon: 'play', look: 'primary', meaning: 'Sends the next wave now.' },
  resume: {
    text: 'Resume',
    icon: 'play',
    look: 'primary',
    meaning: 'The rollout goes on where it was paused.',
  },
  pause: {
    text: 'Pause',
    icon: 'pause',
    look: '',
    meaning: 'No further wave begins. Hosts that have their order still run it.',
  },
  retry: {
    text: 'Retry',
    icon: 'again',
    look: '',
    meaning: 'Hosts that ended so, and on which nothing ran, are asked again.',
  },
};

/** Halting a rollout, letting it go on, sending its next wave, trying again. None of these runs anything that was not signed. */
export function RolloutActs({
  json,
  onActed,
}: {
  readonly json: RequestJson;
  readonly onActed: (after: RequestJson) => void;
}): ReactElement | null {
  const [act, setAct] = useState<RolloutAction>();
  const possible = possibleFor(json);
  if (possible.length === 0) return null;
  return (
    <div className="chips">
      {possible.map(one => (
        <button key={one} type="button" className={`button ${ACTS[one].look}`} onClick={() => setAct(one)}>
          <Icon name={ACTS[one].icon} /> {ACTS[one].text}
        </button>
      ))}
      {act && <ActDialog {...{ json, act, onActed }} onClose={() => setAct(undefined)} />}
    </div>
  );
}

function possibleFor({ standing }: RequestJson): readonly RolloutAction[] {
  const { rollout, state } = standing;
  if (!rollout || !['dispatched', 'approved'].includes(state)) return [];
  const isGoing = ['running', 'baking', 'waiting'].includes(rollout.state);
  return [
    ...(rollout.state === 'awaiting-promotion' ? (['promote'] as const) : []),
    ...(rollout.state === 'paused' ? (['resume'] as const) : []),
    ...(isGoing || rollout.state === 'awaiting-promotion' ? (['pause'] as const) : []),
    ...(retryable(standing).length > 0 ? (['retry'] as const) : []),
  ];
}

function retryable({ outcomes }: RequestJson['standing']) {
  return outcomes.filter(({ outcome, hosts }) => hosts > 0 && RETRYABLE_OUTCOMES.includes(outcome));
}

function ActDialog({
  json,
  act,
  onActed,
  onClose,
}: {
  readonly json: RequestJson;
  readonly act: RolloutAction;
  readonly onActed: (after: RequestJson) => void;
  readonly onClose: () => void;
}): ReactElement {
  const [reason, setReason] = useState('');
  const [only, setOnly] = useState<readonly Outcome[]>(
    retryable(json.standing).map(({ outcome }) => outcome),
  );
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const body =
        act === 'retry'
          ? { reason: reason.trim(), only }
          : { reason: reason.trim(), wave: waveFor(act, json) };
      onActed(await post<RequestJson>(`/api/requests/${encodeURIComponent(json.id)}/${act}`, body));
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`${ACTS[act].text} the rollout`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={event => {
          event.preventDefault();
          void send();
        }}
      >
        <p className="muted">{ACTS[act].meaning}</p>
        {act === 'retry' && <Which {...{ json, only, setOnly }} />}
        <Field label="Reason" hint="For those who read the log.">
          {attributes => (
            <textarea
              {...attributes}
              rows={2}
              required
              maxLength={1024}
              value={reason}
              onChange={event => setReason(event.target.value)}
            />
          )}
        </Field>
        {error !== undefined && <ErrorNotice error={error} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={isBusy || reason.trim() === '' || (act === 'retry' && only.length === 0)}
          >
            {ACTS[act].text}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Which({
  json,
  only,
  setOnly,
}: {
  readonly json: RequestJson;
  readonly only: readonly Outcome[];
  readonly setOnly: (only: readonly Outcome[]) => void;
}): ReactElement {
  return (
    <fieldset className="stack tight">
      <legend className="field-label">Hosts that ended as</legend>
      {retryable(json.standing).map(({ outcome, hosts }) => (
        <label className="check" key={outcome}>
          <input
            type="checkbox"
            checked={only.includes(outcome)}
            onChange={event =>
              setOnly(event.target.checked ? [...only, outcome] : only.filter(one => one !== outcome))
            }
          />
          <OutcomeBadge outcome={outcome} /> {count(hosts)}
        </label>
      ))}
    </fieldset>
  );
}

/** The wave that one looked at: the act is refused where the rollout has gone on since. 0 means wherever it is. */
function waveFor(act: RolloutAction, { standing }: RequestJson): number {
  if (act !== 'promote') return 0;
  const passed = standing.rollout?.waves.filter(({ state }) => state === 'passed') ?? [];
  return passed.at(-1)?.number ?? 0;
}
