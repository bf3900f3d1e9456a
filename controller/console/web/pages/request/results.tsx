import { type ReactElement, useCallback, useState } from 'react';
import {
  type FilterKey,
  get,
  type HostResultJson,
  type ReportJson,
  type ReportKey,
  useApi,
} from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { count, hosts, visible } from '../../text/index.ts';
import { Empty, ErrorNotice, Icon, Loading, OutcomeBadge } from '../../ui/index.ts';
import { ResultHosts } from './result-hosts.tsx';

const KEYS: readonly ReportKey[] = [
  'outcome',
  'value',
  'errno',
  'error',
  'message',
  'kernel',
  'arch',
  'wave',
];
const FILTERABLE: readonly ReportKey[] = ['outcome', 'value', 'errno', 'error', 'kernel', 'arch', 'wave'];

type Group = ReportJson['groups'][number];

/** A group that was chosen, as filters of the report. */
type Filters = Readonly<Partial<Record<FilterKey, string>>>;

/** What came of a request, counted as one likes, down to each host. */
export function Results({ id }: { readonly id: string }): ReactElement {
  const [keys, setKeys] = useState<readonly ReportKey[]>(['outcome', 'value', 'errno', 'error']);
  const [filters, setFilters] = useState<Filters>({});
  const filter = Object.entries(filters).map(
    ([key, value]) => `&filter=${encodeURIComponent(`${key}=${value}`)}`,
  );
  const { data: report, error } = useApi<ReportJson>(
    `/api/requests/${encodeURIComponent(id)}/report?groupBy=${keys.join()}`,
    'requests',
  );
  const query = filter.join('').slice(1);
  const toggle = (key: ReportKey): void =>
    setKeys(
      keys.includes(key)
        ? keys.filter(one => one !== key)
        : KEYS.filter(one => one === key || keys.includes(one)),
    );
  return (
    <>
      <section className="panel" aria-labelledby="results">
        <div className="panel-head">
          <h2 id="results">Results</h2>
          <small role="status">{report && sumsText(report)}</small>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: buttons in a row, no fields */}
        <div className="chips" role="group" aria-label="Group by">
          <span className="field-label">Group by</span>
          {KEYS.map(key => (
            <button
              key={key}
              type="button"
              className="chip"
              aria-pressed={keys.includes(key)}
              onClick={() => toggle(key)}
            >
              {key}
            </button>
          ))}
        </div>
        {error && <ErrorNotice error={error} />}
        {!report && !error && <Loading what="results" />}
        {report?.groups.length === 0 && <Empty title="No host has answered yet" />}
        {report && report.groups.length > 0 && (
          <Groups
            report={report}
            keys={keys}
            filters={filters}
            onChoose={group => setFilters(filtersOf(group, keys))}
          />
        )}
      </section>
      <HostsPart id={id} query={query} filters={filters} onClear={() => setFilters({})} />
    </>
  );
}

function sumsText({ sums }: ReportJson): string {
  const { expected = 0, ...parts } = sums;
  const list = Object.entries(parts).map(([outcome, number]) => `${count(number)} ${outcome}`);
  return `${count(expected)} expected = ${list.join(' + ')}`;
}

function Groups({
  report,
  keys,
  filters,
  onChoose,
}: {
  readonly report: ReportJson;
  readonly keys: readonly ReportKey[];
  readonly filters: Filters;
  readonly onChoose: (group: Group) => void;
}): ReactElement {
  const shown = keys.filter(
    key => key === 'outcome' || report.groups.some(group => group[key] !== undefined),
  );
  const chosen = JSON.stringify(filters);
  return (
    <div className="table-scroll">
      <table className="groups">
        <thead>
          <tr>
            <th scope="col" className="number">
              hosts
            </th>
            {shown.map(key => (
              <th scope="col" key={key}>
                {key}
              </th>
            ))}
            <th scope="col">examples</th>
          </tr>
        </thead>
        <tbody>
          {report.groups.map(group => {
            const isChosen = chosen !== '{}' && JSON.stringify(filtersOf(group, keys)) === chosen;
            return (
              <tr
                key={JSON.stringify({ ...group, hosts: 0, examples: 0 })}
                className={isChosen ? 'chosen' : ''}
              >
                <td className="number">
                  <button
                    type="button"
                    className="button small"
                    aria-pressed={isChosen}
                    onClick={() => onChoose(group)}
                  >
                    {count(group.hosts)}
                    <span className="sr-only"> hosts: show them</span>
                  </button>
                </td>
                {shown.map(key => (
                  <td key={key}>{cellOf(key, group)}</td>
                ))}
                <td className="muted small-text">{group.examples.slice(0, 3).join(', ')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {report.otherHosts > 0 && (
        <p className="muted small-text">
          … {hosts(report.otherHosts)} in {report.otherGroups} or more further groups
        </p>
      )}
    </div>
  );
}

function cellOf(key: ReportKey, group: Group): ReactElement | string {
  const value = group[key];
  if (value === undefined) return '';
  if (key === 'outcome') return <OutcomeBadge outcome={String(value)} />;
  if (key === 'message' || key === 'arch' || key === 'wave') return visible(String(value));
  return <code className="break">{visible(String(value))}</code>;
}

function filtersOf(group: Group, keys: readonly ReportKey[]): Filters {
  const entries = keys
    .filter(key => FILTERABLE.includes(key) && group[key] !== undefined)
    .map(key => [
      key,
      key === 'value' && group.valueDigest ? `sha256:${group.valueDigest}` : String(group[key]),
    ]);
  return Object.fromEntries(entries);
}

const PAGE = 200;

function HostsPart({
  id,
  query,
  filters,
  onClear,
}: {
  readonly id: string;
  readonly query: string;
  readonly filters: Filters;
  readonly onClear: () => void;
}): ReactElement {
  const base = `/api/requests/${encodeURIComponent(id)}/hosts?limit=${PAGE}${query === '' ? '' : `&${query}`}`;
  const first = useApi<HostsPage>(base, 'requests');
  const [rest, setRest] = useState<{
    base: string;
    hosts: readonly HostResultJson[];
    next: string | undefined;
  }>();
  const [error, setError] = useState<unknown>();
  const later = rest?.base === base ? rest : undefined;
  const all = first.data && [...first.data.hosts, ...(later?.hosts ?? [])];
  const next = later ? later.next : first.data?.next;
  const more = useCallback(async () => {
    if (!next) return;
    try {
      const page = await get<HostsPage>(`${base}&after=${encodeURIComponent(next)}`);
      setRest(before => ({
        base,
        next: page.next,
        hosts: [...(before?.base === base ? before.hosts : []), ...page.hosts],
      }));
    } catch (thrown) {
      setError(thrown);
    }
  }, [base, next]);
  const names = Object.entries(filters);
  return (
    <section className="panel" aria-labelledby="result-hosts">
      <div className="panel-head">
        <h2 id="result-hosts">Hosts</h2>
        {names.length > 0 && (
          <button type="button" className="chip" aria-pressed onClick={onClear}>
            {names.map(([key, value]) => `${key} ${value.slice(0, 40)}`).join(', ')}
            <Icon name="close" size={12} />
            <span className="sr-only">show all hosts</span>
          </button>
        )}
      </div>
      {(first.error || error) !== undefined && <ErrorNotice error={first.error ?? error} />}
      {!all && !first.error && <Loading what="hosts" />}
      {all?.length === 0 && <Empty title="No host is like that" />}
      {all && all.length > 0 && (
        <ResultHosts
          hosts={all}
          hrefOf={host => hrefTo(['requests', id, 'hosts', host])}
          onEnd={next ? () => void more() : undefined}
        />
      )}
    </section>
  );
}

interface HostsPage {
  readonly hosts: readonly HostResultJson[];
  readonly next?: string;
}
