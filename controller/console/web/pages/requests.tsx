import { type ReactElement, useState } from 'react';
import { type RequestState, type SummaryJson, useApi } from '../api/index.ts';
import { hrefTo, mayAsk, useMe } from '../nav/index.ts';
import { count, hosts } from '../text/index.ts';
import { Ago, EffectBadge, Empty, ErrorNotice, Icon, Loading, OutcomeBar, StateBadge } from '../ui/index.ts';

const FILTERS: readonly { readonly text: string; readonly states: readonly RequestState[] }[] = [
  { text: 'All', states: [] },
  { text: 'Pending', states: ['pending', 'rejected'] },
  { text: 'Under way', states: ['approved', 'dispatched', 'aborting'] },
  { text: 'Over', states: ['finished', 'expired', 'aborted'] },
];

/** Every request, the newest first. */
export function RequestsPage(): ReactElement {
  const me = useMe();
  const [filter, setFilter] = useState(FILTERS[0]!);
  const [isMine, setMine] = useState(false);
  const [limit, setLimit] = useState(50);
  const states = filter.states.map(state => `&state=${state}`).join('');
  const own = isMine ? `&requester=${encodeURIComponent(me.name)}` : '';
  const { data, error } = useApi<{ requests: readonly SummaryJson[] }>(
    `/api/requests?limit=${limit}${states}${own}`,
    'requests',
  );
  const requests = data?.requests;
  return (
    <>
      <header className="page-head">
        <h1>Requests</h1>
        <div className="actions">
          {mayAsk(me) && (
            <a className="button primary" href={hrefTo(['new'])}>
              <Icon name="plus" /> New request
            </a>
          )}
        </div>
      </header>
      <section className="panel" aria-label="List of requests">
        {/* biome-ignore lint/a11y/useSemanticElements: buttons in a row, no fields */}
        <div className="chips" role="group" aria-label="Which requests">
          {FILTERS.map(choice => (
            <button
              type="button"
              key={choice.text}
              className="chip"
              aria-pressed={filter === choice}
              onClick={() => setFilter(choice)}
            >
              {choice.text}
            </button>
          ))}
          <button type="button" className="chip" aria-pressed={isMine} onClick={() => setMine(!isMine)}>
            Mine
          </button>
        </div>
        {error && <ErrorNotice error={error} />}
        {!requests && !error && <Loading what="requests" />}
        {requests?.length === 0 && (
          <Empty title="No request is like that">Choose others above, or make the first.</Empty>
        )}
        <ul className="request-list">
          {requests?.map(request => (
            <RequestRow key={request.id} request={request} />
          ))}
        </ul>
        {requests && requests.length === limit && limit < 500 && (
          <button type="button" className="button" onClick={() => setLimit(Math.min(500, limit * 2))}>
            Show more
          </button>
        )}
      </section>
    </>
  );
}

function RequestRow({ request }: { readonly request: SummaryJson }): ReactElement {
  const { id, state, requester, selector, effect, reason, createdAtMs, expectedHosts, outcomes } = request;
  const settled = outcomes.reduce((sum, outcome) => sum + outcome.hosts, 0);
  return (
    <li className="request-row">
      <StateBadge state={state} />
      <div className="request-what">
        <a className="row-link" href={hrefTo(['requests', id])}>
          <b>{reason}</b>
        </a>
        <p className="muted small-text">
          {requester} · <code>{selector}</code> · <Ago ms={createdAtMs} /> · <code>{id}</code>
        </p>
      </div>
      <EffectBadge effect={effect} />
      <div className="request-progress">
        <span className="small-text">
          {settled === 0 ? hosts(expectedHosts) : `${count(settled)} of ${hosts(expectedHosts)}`}
        </span>
        <OutcomeBar outcomes={outcomes} expected={expectedHosts} isThin />
      </div>
    </li>
  );
}
