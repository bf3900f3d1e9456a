import type { ReactElement } from 'react';
import { formatWave, NO_LIMIT_HOSTS, rolloutOf } from '../../../../../shared/rollout/index.ts';
import type { Gate, RequestJson, WaveJson } from '../../api/index.ts';
import { count, hosts, until } from '../../text/index.ts';
import { Empty, Icon, Notice, OutcomeBar, OutcomeLegend, StateBadge, useNow } from '../../ui/index.ts';
import type { ActsProps } from './acts.tsx';
import { RolloutActs } from './rollout-acts.tsx';
import type { Signed } from './use-signed.ts';

/** The waves of a request, how far they are, and what one can do about that. */
export function RolloutPanel({ json, signed, onActed }: ActsProps): ReactElement {
  const { rollout, state } = json.standing;
  const waves = wavesOf(json);
  const isBefore = ['pending', 'rejected', 'approved'].includes(state) && !rollout;
  return (
    <section className="panel" aria-labelledby="rollout">
      <div className="panel-head">
        <h2 id="rollout">Rollout</h2>
        {rollout && (
          <span className="card-line">
            {rollout.attempt > 1 && <small>attempt {rollout.attempt}</small>}
            <StateBadge state={rollout.state} />
          </span>
        )}
      </div>
      {rollout && rollout.reason !== '' && (
        <Notice tone={rollout.state === 'stopped' || rollout.state === 'aborted' ? 'bad' : 'held'}>
          {rollout.reason}
        </Notice>
      )}
      {isBefore ? (
        <Empty title="Nothing is ordered yet">The waves begin when enough people have approved.</Empty>
      ) : (
        <>
          <RolloutActs json={json} onActed={onActed} />
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

/** Where a request says nothing of waves there is one, of all hosts. */
function wavesOf({ standing }: RequestJson): readonly WaveJson[] {
  const { rollout, state, expectedHosts, outcomes } = standing;
  if (rollout && rollout.waves.length > 0) return rollout.waves;
  const isOut = state === 'dispatched' || state === 'aborting';
  const isOver = ['finished', 'expired', 'aborted'].includes(state);
  return [
    {
      ...{ number: 1, hosts: expectedHosts, outcomes: [...outcomes], failed: 0, unhealthy: 0 },
      state: isOver ? 'passed' : isOut ? 'running' : 'pending',
    },
  ];
}

function Wave({
  wave,
  waves,
  signed,
}: {
  readonly wave: WaveJson;
  readonly waves: number;
  readonly signed: Signed;
}): ReactElement {
  const { rollout } = signed.request;
  const spec = rolloutOf(signed.request).waves[wave.number - 1];
  const settled = wave.outcomes.reduce((sum, outcome) => sum + outcome.hosts, 0);
  return (
    <li className={`wave wave-${wave.state}`}>
      <div className="wave-name">
        <b>
          Wave {wave.number} <span className="muted">of {waves}</span>
        </b>
        {rollout && spec && <code className="muted">{formatWave(spec)}</code>}
      </div>
      <StateBadge state={wave.state === 'pending' ? 'waiting' : wave.state} />
      <div className="wave-progress">
        <OutcomeBar outcomes={wave.outcomes} expected={wave.hosts} />
        <div className="wave-numbers">
          <span>
            <b>{count(settled)}</b> of {hosts(wave.hosts)}
          </span>
          <OutcomeLegend outcomes={wave.outcomes} expected={settled} />
        </div>
      </div>
      <div className="wave-gate">
        {rollout && wave.state !== 'pending' && <GateMeter gate={rollout.gate} wave={wave} />}
        <Countdown wave={wave} />
        {spec?.manual && wave.number < waves && (
          <span className="muted small-text">then waits for a person</span>
        )}
      </div>
    </li>
  );
}

/** How many failed, and how many may: the limits are signed, the count is the controller's. */
function GateMeter({ gate, wave }: { readonly gate: Gate; readonly wave: WaveJson }): ReactElement {
  const limit = Math.min(gate.maxFailedHosts, Math.floor((wave.hosts * gate.maxFailedPermille) / 1000));
  const hasLimit = gate.maxFailedHosts < NO_LIMIT_HOSTS || gate.maxFailedPermille < 1000;
  const tone = wave.failed > limit ? 'bad' : wave.failed > 0 ? 'held' : 'ok';
  return (
    <span
      className={`outcome tone-${tone}`}
      title="Hosts that count as failed, and how many the signed gate lets pass"
    >
      <Icon name={tone === 'ok' ? 'check' : tone === 'bad' ? 'cross' : 'warn'} size={14} />
      {count(wave.failed)} failed, {hasLimit ? `${count(limit)} may` : 'no limit'}
      {wave.unhealthy > 0 && `, ${count(wave.unhealthy)} unwell`}
    </span>
  );
}

function Countdown({ wave }: { readonly wave: WaveJson }): ReactElement | null {
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
