import { type FormEvent, type ReactElement, useState } from 'react';
import { type Outcome, post, type RequestJson } from '../../api/index.ts';
import { count } from '../../text/index.ts';
import { Dialog, ErrorNotice, FormField, OutcomeBadge } from '../../ui/index.ts';
import { retryableOutcomes } from './retryable.ts';

/** A dialog for an action on a rollout. */
export type RolloutAction = 'pause' | 'resume' | 'promote' | 'retry';

const MEANINGS: Readonly<Record<RolloutAction, string>> = {
  promote: 'Orders the next wave now.',
  resume: 'The rollout continues where it was paused.',
  pause: 'No further wave begins. Hosts that have their order still run it.',
  retry: 'Hosts with these outcomes, on which nothing ran, are asked again.',
};

interface RolloutDialogProps {
  readonly json: RequestJson;
  readonly action: RolloutAction;
  /** Name of the action. */
  readonly text: string;
  readonly onDone: (after: RequestJson) => void;
  readonly onClose: () => void;
}

/** Asks for the reason of an action, and for a retry which hosts, and sends it. */
export function RolloutDialog(props: RolloutDialogProps): ReactElement {
  const { json, action, text, onClose } = props;
  const [reason, setReason] = useState('');
  const [only, setOnly] = useState<readonly Outcome[]>(
    retryableOutcomes(json.status).map(({ outcome }) => outcome),
  );
  const { send, error, isBusy } = useSend(props, { reason: reason.trim(), only });
  const isIncomplete = reason.trim() === '' || (action === 'retry' && only.length === 0);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send();
  };
  return (
    <Dialog title={`${text} the rollout`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="muted">{MEANINGS[action]}</p>
        {action === 'retry' && <OutcomeChoice {...{ json, only, setOnly }} />}
        <FormField label="Reason" hint="It is recorded in the audit log.">
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
        </FormField>
        {error !== undefined && <ErrorNotice error={error} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={isBusy || isIncomplete}>
            {text}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function useSend(
  { json, action, onDone, onClose }: RolloutDialogProps,
  { reason, only }: { readonly reason: string; readonly only: readonly Outcome[] },
) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const params = { id: json.id };
    try {
      onDone(
        action === 'retry'
          ? await post('requests/:id/retry', { params, body: { reason, only } })
          : await post(`requests/:id/${action}`, { params, body: { reason, wave: waveFor(action, json) } }),
      );
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return { send, error, isBusy };
}

function OutcomeChoice({
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
      {retryableOutcomes(json.status).map(({ outcome, hosts }) => (
        <label className="check" key={outcome}>
          <input
            type="checkbox"
            checked={only.includes(outcome)}
            onChange={event =>
              setOnly(event.target.checked ? [...only, outcome] : only.filter(each => each !== outcome))
            }
          />
          <OutcomeBadge outcome={outcome} /> {count(hosts)}
        </label>
      ))}
    </fieldset>
  );
}

/**
 * The wave that the operator sees. The controller refuses the action if the rollout has moved on since; 0
 * means the current wave.
 */
function waveFor(action: RolloutAction, { status }: RequestJson): number {
  if (action !== 'promote') return 0;
  const passed = status.rollout?.waves.filter(({ state }) => state === 'passed') ?? [];
  return passed.at(-1)?.number ?? 0;
}
