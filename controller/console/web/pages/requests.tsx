import { type ReactElement, useState } from 'react';
import { type RequestState, type RequestSummaryJson, urlOf, useApi } from '../api/index.ts';
import { hrefTo, mayRequest, useMe } from '../nav/index.ts';
import { count, hosts } from '../text/index.ts';
import {
  EffectBadge,
  Empty,
  ErrorNotice,
  Icon,
  Loading,
  OutcomeBar,
  RelativeTime,
  StateBadge,
} from '../ui/index.ts';

const FILTERS: readonly { readonly text: string; readonly states: readonly RequestState[] }[] = [
  { text: 'All', states: [] },
  { text: 'Pending', states: ['pending', 'rejected'] },
  { text: 'Under way', states: ['approved', 'dispatched', 'aborting'] },
  { text: 'Ended', states: ['finished', 'expired', 'aborted'] },
];

/** Requests, newest first. */
export function RequestsPage(): ReactElement {
  const me = useMe();
  const [filter, setFilter] = useState(FILTERS[0]!);
  const [isMine, setMine] = useState(false);
  return (
    <>
      <header className="page-head">
        <h1>Requests</h1>
        <div className="actions">
          {mayRequest(me) && (
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
        <RequestList states={filter.states} requester={isMine ? me.name : undefined} />
      </section>
    </>
  );
}

/** Requests that are loaded at first, and at most. */
const FIRST_REQUESTS = 50;
const REQUESTS_LIMIT = 500;

function RequestList({
  states,
  requester,
}: {
  readonly states: readonly RequestState[];
  readonly requester: string | undefined;
}): ReactElement {
  const [limit, setLimit] = useState(FIRST_REQUESTS);
  const { data, error } = useApi(urlOf('requests', {}, { limit, state: states, requester }), 'requests');
  const requests = data?.requests;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {!requests && !error && <Loading what="requests" />}
      {requests?.length === 0 && (
        <Empty title="No request matches">Choose others above, or make the first request.</Empty>
      )}
      <ul className="request-list">
        {requests?.map(request => (
          <RequestRow key={request.id} request={request} />
        ))}
      </ul>
      {requests && requests.length === limit && limit < REQUESTS_LIMIT && (
        <button
          type="button"
          className="button"
          onClick={() => setLimit(Math.min(REQUESTS_LIMIT, limit * 2))}
        >
          Show more
        </button>
      )}
    </>
  );
}

function RequestRow({ request }: { readonly request: RequestSummaryJson }): ReactElement {
  const {
    id,
    state,
    requester,
    selector,
    effect,
    indirectCalls,
    reason,
    createdAtMs,
    expectedHosts,
    outcomes,
  } = request;
  const answered = outcomes.reduce((sum, outcome) => sum + outcome.hosts, 0);
  return (
    <li className="request-row">
      <StateBadge state={state} outcomes={outcomes} />
      <div className="request-what">
        <a className="row-link" href={hrefTo(['requests', id])}>
          <b>{reason}</b>
        </a>
        <p className="muted small-text">
          {requester} · <code>{selector}</code> · <RelativeTime ms={createdAtMs} /> · <code>{id}</code>
        </p>
      </div>
      <EffectBadge effect={effect} indirectCalls={indirectCalls} />
      <div className="request-progress">
        <span className="small-text">
          {answered === 0 ? hosts(expectedHosts) : `${count(answered)} of ${hosts(expectedHosts)}`}
        </span>
        <OutcomeBar outcomes={outcomes} expected={expectedHosts} isThin />
      </div>
    </li>
  );
}
