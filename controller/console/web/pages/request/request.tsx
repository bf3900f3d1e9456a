import { type ReactElement, useCallback, useState } from 'react';
import { type RequestJson, useApi } from '../../api/index.ts';
import { hrefTo, usePlace } from '../../nav/index.ts';
import { hosts, until } from '../../text/index.ts';
import {
  EffectBadge,
  ErrorNotice,
  Icon,
  Loading,
  Notice,
  OutcomeBar,
  OutcomeLegend,
  StateBadge,
  useNow,
} from '../../ui/index.ts';
import { Acts } from './acts.tsx';
import { Decisions } from './decisions.tsx';
import { HostResultPage } from './host-result.tsx';
import { RequestPlan } from './request-plan.tsx';
import { Results } from './results.tsx';
import { RolloutPanel } from './rollout-panel.tsx';
import { SaidPanel } from './said-panel.tsx';
import { SignedPanel } from './signed-panel.tsx';
import { Timeline } from './timeline.tsx';
import { type Signed, useSigned } from './use-signed.ts';

/** One request: what is signed, how it stands, what came of it. */
export function RequestPage({
  id,
  host,
}: {
  readonly id: string;
  readonly host: string | undefined;
}): ReactElement {
  const loaded = useApi<RequestJson>(`/api/requests/${encodeURIComponent(id)}`, 'requests');
  // What an act answered is newer than what was loaded before it.
  const [acted, setActed] = useState<RequestJson>();
  const { reload } = loaded;
  const onActed = useCallback(
    (after: RequestJson) => {
      setActed(after);
      reload();
    },
    [reload],
  );
  const json = acted && loaded.isLoading ? acted : (loaded.data ?? acted);
  const { signed, problem } = useSigned(json, id);
  if (host !== undefined) return <HostResultPage id={id} host={host} />;
  return (
    <>
      {loaded.error && <ErrorNotice error={loaded.error} onRetry={reload} />}
      {problem && (
        <Notice tone="bad">
          What the controller sent cannot be shown as it would be signed, so it cannot be signed here:{' '}
          {problem}
        </Notice>
      )}
      {!signed && !problem && !loaded.error && <Loading what={`request ${id}`} />}
      {json && signed && <Request {...{ json, signed, onActed }} />}
    </>
  );
}

interface RequestProps {
  readonly json: RequestJson;
  readonly signed: Signed;
  readonly onActed: (after: RequestJson) => void;
}

const TABS = [
  ['request', 'Request'],
  ['rollout', 'Rollout'],
  ['results', 'Results'],
  ['plan', 'Plan'],
  ['timeline', 'Time line'],
] as const;

function Request({ json, signed, onActed }: RequestProps): ReactElement {
  const { query } = usePlace();
  const { standing } = json;
  const { id, planDigest } = signed.request;
  const isDeciding = ['pending', 'rejected'].includes(standing.state);
  const tab = query.get('tab') ?? (isDeciding ? 'request' : 'rollout');
  const tabs = TABS.filter(([name]) => name !== 'plan' || planDigest !== undefined);
  return (
    <>
      <Head {...{ json, signed, onActed }} />
      <nav className="tabs" aria-label="Parts of the request">
        {tabs.map(([name, text]) => (
          <a
            key={name}
            href={hrefTo(['requests', id], { tab: name })}
            aria-current={tab === name ? 'page' : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      {tab === 'request' && (
        <div className="columns wide-left">
          <SignedPanel signed={signed} />
          <div className="stack">
            <SaidPanel standing={standing} />
            <Decisions json={json} />
          </div>
        </div>
      )}
      {tab === 'rollout' && <RolloutPanel {...{ json, signed, onActed }} />}
      {tab === 'results' && <Results id={id} />}
      {tab === 'plan' && <RequestPlan planDigest={planDigest} json={json} />}
      {tab === 'timeline' && <Timeline id={id} />}
    </>
  );
}

function Head({ json, signed, onActed }: RequestProps): ReactElement {
  const { standing } = json;
  const { id, requester, reason, effect, policy, expiresAtMs, expectedHosts } = signed.request;
  const total = expectedHosts ?? standing.expectedHosts;
  const nowMs = useNow();
  const isDeciding = ['pending', 'rejected', 'approved'].includes(standing.state);
  return (
    <div className="request-head">
      <header className="page-head">
        <div className="request-title">
          <a className="crumb" href={hrefTo(['requests'])}>
            <Icon name="back" size={14} /> Requests
          </a>
          <h1>{reason}</h1>
          <div className="card-line">
            <StateBadge state={standing.state} />
            {standing.rollout && !isDeciding && standing.rollout.state !== 'done' && (
              <StateBadge state={standing.rollout.state} />
            )}
            <span>
              <b>{requester}</b> for <b>{hosts(total)}</b>
            </span>
            <EffectBadge effect={effect} />
            <span className="muted">{policy}</span>
            <code className="muted">{id}</code>
            {isDeciding && (
              <span className="muted">
                {standing.approvers.length} of {standing.threshold} approvals, {until(expiresAtMs, nowMs)}{' '}
                left
              </span>
            )}
          </div>
        </div>
        <Acts {...{ json, signed, onActed }} />
      </header>
      {!isDeciding && (
        <div className="stack tight">
          <OutcomeBar outcomes={standing.outcomes} expected={total} />
          <OutcomeLegend outcomes={standing.outcomes} expected={total} />
        </div>
      )}
    </div>
  );
}
