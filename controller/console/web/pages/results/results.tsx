import { type ReactElement, useState } from 'react';
import { type ReportJson, type ReportKey, urlOf, useApi } from '../../api/index.ts';
import { count } from '../../text/index.ts';
import { Empty, ErrorNotice, Loading } from '../../ui/index.ts';
import { type Filters, filtersOf, ResultGroups } from './result-groups.tsx';
import { ResultHostsPanel } from './result-hosts-panel.tsx';

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

/** The results of a request: groups by any keys, and the hosts of a chosen group. */
export function Results({ id }: { readonly id: string }): ReactElement {
  const [keys, setKeys] = useState<readonly ReportKey[]>(['outcome', 'value', 'errno', 'error']);
  const [filters, setFilters] = useState<Filters>({});
  const { data: report, error } = useApi(
    urlOf('requests/:id/report', { id }, { groupBy: keys.join() }),
    'requests',
  );
  return (
    <>
      <section className="panel" aria-labelledby="results">
        <div className="panel-head">
          <h2 id="results">Results</h2>
          <small role="status">{report && sumsText(report)}</small>
        </div>
        <KeyChips keys={keys} onChange={setKeys} />
        {error && <ErrorNotice error={error} />}
        {!report && !error && <Loading what="results" />}
        {report?.groups.length === 0 && <Empty title="No host has answered yet" />}
        {report && report.groups.length > 0 && (
          <ResultGroups
            {...{ report, keys, filters }}
            onChoose={group => setFilters(filtersOf(group, keys))}
          />
        )}
      </section>
      <ResultHostsPanel id={id} filters={filters} onClear={() => setFilters({})} />
    </>
  );
}

function KeyChips({
  keys,
  onChange,
}: {
  readonly keys: readonly ReportKey[];
  readonly onChange: (keys: readonly ReportKey[]) => void;
}): ReactElement {
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons in a row, no fields
    <div className="chips" role="group" aria-label="Group by">
      <span className="field-label">Group by</span>
      {KEYS.map(key => (
        <button
          key={key}
          type="button"
          className="chip"
          aria-pressed={keys.includes(key)}
          onClick={() => onChange(KEYS.filter(each => keys.includes(each) !== (each === key)))}
        >
          {key}
        </button>
      ))}
    </div>
  );
}

function sumsText({ sums: { expected, ...parts } }: ReportJson): string {
  const list = Object.entries(parts).map(([outcome, hosts]) => `${count(hosts)} ${outcome}`);
  return `${count(expected)} expected = ${list.join(' + ')}`;
}
