import type { ReactElement } from 'react';
import type { Outcome, RequestJson } from '../../api/index.ts';
import { count } from '../../text/index.ts';
import { OutcomeBadge } from '../../ui/index.ts';
import { retryableOutcomes } from './retryable.ts';

/** The choice which hosts of a retry try again, by how they ended. */
export function OutcomeChoice({
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
