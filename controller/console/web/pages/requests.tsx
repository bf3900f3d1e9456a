import { type ReactElement, useState } from 'react';
import {
  type RequestState,
  type RequestSummaryJson,
  type RolloutState,
  urlOf,
  useApi,
} from '../api/index.ts';
import { hrefTo, mayRequest, useMe } from '../nav/index.ts';
import { count, hosts } from '../text/index.ts';
import {
  BothTimes,
  EffectBadge,
  Empty,
  ErrorNotice,
  FormField,
  Icon,
  Loading,
  OutcomeBar,
  RelativeTime,
  RequestBadge,
  useNow,
} from '../ui/index.ts';

interface StateFilter {
  readonly text: string;
  readonly states: readonly RequestState[];
  /** Of these, only requests whose rollout is in one of these states. */
  readonly rollouts?: readonly RolloutState[];
}

const FILTERS: readonly StateFilter[] = [
  { text: 'All', states: [] },
  { text: 'Pending', states: ['pending', 'rejected'] },
  { text: 'Under way', states: ['approved', 'dispatched', 'aborting'] },
  {
    text: 'Waits for a person',
    states: ['dispatched'],
    rollouts: ['stopped', 'awaiting-promotion', 'paused'],
  },
  { text: 'Ended', states: ['finished', 'expired', 'aborted'] },
];

const HOUR_MS = 3_600_000;

const TIMES = [
  { text: 'any time', withinMs: undefined },
  { text: 'last hour', withinMs: HOUR_MS },
  { text: 'last 24 hours', withinMs: 24 * HOUR_MS },
  { text: 'last 7 days', withinMs: 7 * 24 * HOUR_MS },
  { text: 'last 30 days', withinMs: 30 * 24 * HOUR_MS },
] as const;

interface Search {
  readonly filter: StateFilter;
  readonly words: string;
  readonly person: string;
  readonly withinMs: number | undefined;
}

/** Requests, newest first. */
export function RequestsPage(): ReactElement {
  const me = useMe();
  const [search, setSearch] = useState<Search>({
    filter: FILTERS[0]!,
    words: '',
    person: '',
    withinMs: undefined,
  });
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
        <SearchFields search={search} onChange={changes => setSearch({ ...search, ...changes })} />
        <RequestList search={search} />
      </section>
    </>
  );
}

interface SearchFieldsProps {
  readonly search: Search;
  readonly onChange: (changes: Partial<Search>) => void;
}

function SearchFields({ search, onChange }: SearchFieldsProps): ReactElement {
  const me = useMe();
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: buttons in a row, no fields */}
      <div className="chips" role="group" aria-label="Which requests">
        {FILTERS.map(filter => (
          <button
            type="button"
            key={filter.text}
            className="chip"
            aria-pressed={search.filter === filter}
            onClick={() => onChange({ filter })}
          >
            {filter.text}
          </button>
        ))}
        <button
          type="button"
          className="chip"
          aria-pressed={search.person === me.name}
          onClick={() => onChange({ person: search.person === me.name ? '' : me.name })}
        >
          Mine
        </button>
      </div>
      <div className="filters three">
        <FormField label="Search">
          {attributes => (
            <input
              {...attributes}
              type="search"
              data-search
              placeholder="reason, id, hosts"
              value={search.words}
              onChange={event => onChange({ words: event.target.value })}
            />
          )}
        </FormField>
        <FormField label="Person">
          {attributes => (
            <input
              {...attributes}
              placeholder="everybody"
              value={search.person}
              spellCheck={false}
              onChange={event => onChange({ person: event.target.value })}
            />
          )}
        </FormField>
        <FormField label="Made">
          {attributes => (
            <select
              {...attributes}
              value={String(search.withinMs)}
              onChange={event =>
                onChange({
                  withinMs: TIMES.find(({ withinMs }) => String(withinMs) === event.target.value)?.withinMs,
                })
              }
            >
              {TIMES.map(({ text, withinMs }) => (
                <option key={text} value={String(withinMs)}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </FormField>
      </div>
    </>
  );
}

/** Requests that are loaded at first, and at most. */
const FIRST_REQUESTS = 50;
const REQUESTS_LIMIT = 500;

/** The list is loaded again once a minute only, though its beginning moves on with the time. */
const SINCE_STEP_MS = 60_000;

function RequestList({ search }: { readonly search: Search }): ReactElement {
  const { filter, words, person, withinMs } = search;
  const [limit, setLimit] = useState(FIRST_REQUESTS);
  const nowMs = Math.floor(useNow() / SINCE_STEP_MS) * SINCE_STEP_MS;
  const sinceMs = withinMs === undefined ? undefined : nowMs - withinMs;
  const requester = person.trim();
  const { data, error } = useApi(
    urlOf('requests', {}, { limit, state: filter.states, requester, sinceMs }),
    'requests',
  );
  const loaded = data?.requests;
  const shown = loaded?.filter(request => isWanted(request, filter, words));
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {!shown && !error && <Loading what="requests" />}
      {shown?.length === 0 && (
        <Empty title="No request matches">
          {loaded?.length === 0
            ? 'Choose others above, or make the first request.'
            : `None of the newest ${count(loaded?.length ?? 0)} that were loaded.`}
        </Empty>
      )}
      <ul className="request-list">
        {shown?.map(request => (
          <RequestRow key={request.id} request={request} />
        ))}
      </ul>
      {loaded && loaded.length === limit && limit < REQUESTS_LIMIT && (
        <button
          type="button"
          className="button"
          onClick={() => setLimit(Math.min(REQUESTS_LIMIT, limit * 2))}
        >
          Load more
        </button>
      )}
    </>
  );
}

function isWanted(request: RequestSummaryJson, { rollouts }: StateFilter, words: string): boolean {
  if (rollouts && !rollouts.includes(request.rolloutState)) return false;
  const { id, reason, selector, requester } = request;
  const text = `${id} ${reason} ${selector} ${requester}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

function RequestRow({ request }: { readonly request: RequestSummaryJson }): ReactElement {
  const { id, requester, selector, effect, indirectCalls, reason } = request;
  const { createdAtMs, expectedHosts, outcomes } = request;
  const answered = outcomes.reduce((sum, outcome) => sum + outcome.hosts, 0);
  return (
    <li className="request-row">
      <RequestBadge {...request} />
      <div className="request-what">
        <a className="row-link" href={hrefTo(['requests', id])}>
          <b>{reason}</b>
        </a>
        <p className="muted small-text">
          {requester} · <code>{selector}</code> · <code>{id}</code>
        </p>
        <p className="muted small-text">
          <RelativeTime ms={createdAtMs} /> · <BothTimes ms={createdAtMs} />
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
