import type { ReactElement } from 'react';
import { formatWave, NO_LIMIT_HOSTS, rolloutOf } from '../../../../../shared/rollout/index.ts';
import type { Gate, RequestJson, WaveView } from '../../api/index.ts';
import { count, hosts, until } from '../../text/index.ts';
import { Empty, Icon, Notice, OutcomeBar, OutcomeLegend, StateBadge, useNow } from '../../ui/index.ts';
import type { ActionsProps } from './actions.tsx';
import { Halted } from './halted.tsx';
import { RolloutActions } from './rollout-actions.tsx';
import type { SignedContent } from './use-signed.ts';

/** The waves of a request, their progress, and what an operator can do about them. */
export function RolloutPanel({ json, signed, onDone }: ActionsProps): ReactElement {
  const { rollout, state } = json.status;
  const waves = wavesOf(json);
  const isBefore = ['pending', 'rejected', 'approved'].includes(state) && !rollout;
  return (
    <section className="panel" aria-labelledby="rollout">
      <div className="panel-head">
        <h2 id="rollout">Rollout</h2>
        {rollout && (
          <span className="card-line">
            {rollout.attempt > 1 && <small>attempt {rollout.attempt}</small>}
            <StateBadge state={rollout.state} outcomes={json.status.outcomes} />
          </span>
        )}
      </div>
      <Halted json={json} />
      {rollout && rollout.reason !== '' && state !== 'dispatched' && (
        <Notice tone={rollout.state === 'stopped' || rollout.state === 'aborted' ? 'bad' : 'held'}>
          {rollout.reason}
        </Notice>
      )}
      {isBefore ? (
        <Empty title="Nothing is ordered yet">The first wave begins once enough people have approved.</Empty>
      ) : (
        <>
          <RolloutActions {...{ json, signed, onDone }} />
          <ol className="waves">
            {waves.map(wave => (
              <Wave key={wave.number} {...{ wave, signed, waves: waves.length }} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

/** The waves of a request. A request without waves has one, of all hosts. */
function wavesOf({ status }: RequestJson): readonly WaveView[] {
  const { rollout, state, expectedHosts, outcomes } = status;
  if (rollout && rollout.waves.length > 0) return rollout.waves;
  const isOrdered = state === 'dispatched' || state === 'aborting';
  const isOver = ['finished', 'expired', 'aborted'].includes(state);
  return [
    {
      ...{ number: 1, hosts: expectedHosts, outcomes: [...outcomes], failed: 0, unhealthy: 0 },
      state: isOver ? 'passed' : isOrdered ? 'running' : 'pending',
    },
  ];
}

function Wave({
  wave,
  waves,
  signed,
}: {
  readonly wave: WaveView;
  readonly waves: number;
  readonly signed: SignedContent;
}): ReactElement {
  const { rollout } = signed.request;
  const spec = rolloutOf(signed.request).waves[wave.number - 1];
  const answered = wave.outcomes.reduce((sum, outcome) => sum + outcome.hosts, 0);
  return (
    <li className={`wave wave-${wave.state}`}>
      <div className="wave-name">
        <b>
          Wave {wave.number} <span className="muted">of {waves}</span>
        </b>
        {rollout && spec && <code className="muted">{formatWave(spec)}</code>}
      </div>
      <StateBadge state={wave.state === 'pending' ? 'waiting' : wave.state} outcomes={wave.outcomes} />
      <div className="wave-progress">
        <OutcomeBar outcomes={wave.outcomes} expected={wave.hosts} />
        <div className="wave-numbers">
          <span>
            <b>{count(answered)}</b> of {hosts(wave.hosts)}
          </span>
          <OutcomeLegend outcomes={wave.outcomes} expected={answered} />
        </div>
      </div>
      <div className="wave-gate">
        {rollout && wave.state !== 'pending' && <GateMeter gate={rollout.gate} wave={wave} />}
        <Countdown wave={wave} />
        {spec?.manual && wave.number < waves && (
          <span className="muted small-text">then a person promotes</span>
        )}
      </div>
    </li>
  );
}

/** How many hosts failed, and how many may. The limits are signed; the controller counts. */
function GateMeter({ gate, wave }: { readonly gate: Gate; readonly wave: WaveView }): ReactElement {
  const limit = Math.min(gate.maxFailedHosts, Math.floor((wave.hosts * gate.maxFailedPermille) / 1000));
  const hasLimit = gate.maxFailedHosts < NO_LIMIT_HOSTS || gate.maxFailedPermille < 1000;
  const tone = wave.failed > limit ? 'bad' : wave.failed > 0 ? 'held' : 'ok';
  return (
    <span
      className={`outcome tone-${tone}`}
      title="Hosts that count as failed, and how many the signed gate allows"
    >
      <Icon name={tone === 'ok' ? 'check' : tone === 'bad' ? 'cross' : 'warn'} size={14} />
      {count(wave.failed)} failed, {hasLimit ? `${count(limit)} may` : 'no limit'}
      {wave.unhealthy > 0 && `, ${count(wave.unhealthy)} unhealthy`}
    </span>
  );
}

function Countdown({ wave }: { readonly wave: WaveView }): ReactElement | null {
  const nowMs = useNow();
  if (wave.state === 'baking' && wave.bakeUntilMs !== undefined)
    return (
      <span className="countdown">
        <Icon name="hourglass" size={14} /> watched for <b>{until(wave.bakeUntilMs, nowMs)}</b>
      </span>
    );
  if (wave.state === 'running' && wave.answerByMs !== undefined)
    return (
      <span className="countdown">
        <Icon name="clock" size={14} /> answers within <b>{until(wave.answerByMs, nowMs)}</b>
      </span>
    );
  return null;
}
