import type { ReactElement } from 'react';
import { OUTCOMES } from '../../../../../shared/outcome/index.ts';
import { type RequestJson, urlOf, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { count, hosts } from '../../text/index.ts';
import { Icon, OutcomeBadge } from '../../ui/index.ts';
import { nextWave } from './next-wave.ts';
import { retryableOutcomes } from './retryable.ts';

/** Hosts that are named of those that failed. */
const HOSTS_NAMED = 8;

/** Why a rollout does not go on by itself, which hosts are the reason, and what a person can do now. */
export function Halted({ json }: { readonly json: RequestJson }): ReactElement | null {
  const { rollout, state } = json.status;
  if (!rollout || state !== 'dispatched') return null;
  const steps = stepsFor(json);
  if (steps.length === 0) return null;
  const tone = rollout.state === 'stopped' ? 'bad' : 'held';
  return (
    <div className={`notice tone-${tone} halted`}>
      <Icon name="warn" />
      <div>
        <p className="notice-text">
          <b>{headOf(json)}</b>
        </p>
        {rollout.state === 'stopped' && <FailedHosts json={json} />}
        <ul className="next-steps" aria-label="What to do next">
          {steps.map(step => (
            <li key={step}>{step}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function headOf({ status: { rollout } }: RequestJson): string {
  const reason = rollout?.reason ? `: ${rollout.reason}` : '.';
  if (rollout?.state === 'stopped') return `The gate stopped the rollout${reason}`;
  if (rollout?.state === 'paused') return `The rollout is paused${reason}`;
  return 'The rollout waits for a person.';
}

function stepsFor({ status }: RequestJson): readonly string[] {
  const next = nextWave(status);
  const wave = next ? `wave ${next.number} (${hosts(next.hosts)})` : undefined;
  const retryable = retryableOutcomes(status);
  const again = retryable.reduce((sum, outcome) => sum + outcome.hosts, 0);
  const abort = 'Abort the request if it should not go on.';
  switch (status.rollout?.state) {
    case 'awaiting-promotion':
      return [wave ? `Promote ${wave}, if what you see is well.` : 'Promote it to end it.', abort];
    case 'paused':
      return [`Resume it${wave ? `; ${wave} comes next` : ''}.`, abort];
    case 'stopped':
      return [
        'Open the hosts above, and find out what went wrong.',
        ...(again > 0
          ? [`Retry the ${hosts(again)} on which nothing ran; if the wave passes then, the rollout goes on.`]
          : ['No host can be tried again, because something ran on each; the rollout cannot go on.']),
        abort,
      ];
    default:
      return [];
  }
}

/** The hosts whose outcomes count as failed, as far as there is room. */
function FailedHosts({ json }: { readonly json: RequestJson }): ReactElement {
  const { id, status } = json;
  const failed = status.outcomes.filter(({ outcome }) => OUTCOMES[outcome].fails);
  const all = failed.reduce((sum, outcome) => sum + outcome.hosts, 0);
  const filter = `outcome=${failed.map(({ outcome }) => outcome).join()}`;
  const url = urlOf('requests/:id/hosts', { id }, { limit: HOSTS_NAMED, filter });
  const { data } = useApi(failed.length > 0 ? url : undefined, 'requests');
  return (
    <ul className="failed-hosts" aria-label="Hosts that failed">
      {data?.hosts.map(({ host, outcome }) => (
        <li key={host}>
          <a href={hrefTo(['requests', id, 'hosts', host])}>{host}</a>{' '}
          <OutcomeBadge outcome={outcome ?? 'waiting'} />
        </li>
      ))}
      {data && all > data.hosts.length && (
        <li>
          <a href={hrefTo(['requests', id], { tab: 'results' })}>and {count(all - data.hosts.length)} more</a>
        </li>
      )}
    </ul>
  );
}
