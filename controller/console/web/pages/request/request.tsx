import type { ReactElement } from 'react';
import { urlOf, useApi } from '../../api/index.ts';
import { hrefTo, useRoute } from '../../nav/index.ts';
import { ErrorNotice, Loading, Notice } from '../../ui/index.ts';
import { HostResultPage, Results } from '../results/index.ts';
import { Rows } from '../rows/index.ts';
import type { ActionsProps } from './actions.tsx';
import { Decisions } from './decisions.tsx';
import { RequestHead } from './request-head.tsx';
import { RequestPlan } from './request-plan.tsx';
import { RolloutPanel } from './rollout-panel.tsx';
import { SignedPanel } from './signed-panel.tsx';
import { Timeline } from './timeline.tsx';
import { UnsignedPanel } from './unsigned-panel.tsx';
import { useSigned } from './use-signed.ts';

/** One request: what is signed, its status, and its results; or with `host`, its result on that host. */
export function RequestPage({
  id,
  host,
}: {
  readonly id: string;
  readonly host: string | undefined;
}): ReactElement {
  const { data: json, error, reload, update } = useApi(urlOf('requests/:id', { id }), 'requests');
  const { signed, problem } = useSigned(json, id);
  if (host !== undefined) return <HostResultPage id={id} host={host} />;
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {problem && (
        <Notice tone="bad">
          This page cannot read what the controller sent, so you cannot sign it here: {problem}
        </Notice>
      )}
      {!signed && !problem && !error && <Loading what={`request ${id}`} />}
      {json && signed && <Request {...{ json, signed, onDone: update }} />}
    </>
  );
}

const TABS = [
  ['request', 'Request'],
  ['rollout', 'Rollout'],
  ['results', 'Results'],
  ['rows', 'Rows'],
  ['plan', 'Plan'],
  ['timeline', 'Timeline'],
] as const;

function Request({ json, signed, onDone }: ActionsProps): ReactElement {
  const { query } = useRoute();
  const { status } = json;
  const { id, planDigest } = signed.request;
  const isPending = ['pending', 'rejected'].includes(status.state);
  const tab = query.get('tab') ?? (isPending ? 'request' : 'rollout');
  const tabs = TABS.filter(([name]) => name !== 'plan' || planDigest !== undefined);
  return (
    <>
      <RequestHead {...{ json, signed, onDone }} />
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
            <UnsignedPanel status={status} />
            <Decisions json={json} />
          </div>
        </div>
      )}
      {tab === 'rollout' && <RolloutPanel {...{ json, signed, onDone }} />}
      {tab === 'results' && <Results id={id} />}
      {tab === 'rows' && <Rows id={id} />}
      {tab === 'plan' && <RequestPlan planDigest={planDigest} json={json} />}
      {tab === 'timeline' && <Timeline id={id} />}
    </>
  );
}
