import type { ReactElement } from 'react';
import type { ReportGroupJson, ReportJson, ReportKey } from '../../api/index.ts';
import { count, hosts, visible } from '../../text/index.ts';
import { OutcomeBadge } from '../../ui/index.ts';

/** Keys of a report that are also keys of its filter. */
const FILTER_KEYS = ['outcome', 'value', 'errno', 'error', 'kernel', 'arch', 'wave'] as const;

type FilterKey = (typeof FILTER_KEYS)[number];

/** The chosen group, as filters of the report. */
export type Filters = Readonly<Partial<Record<FilterKey, string>>>;

/** Names of hosts that are shown of a group. */
const EXAMPLES_SHOWN = 3;

/** The groups of a report as a table; a click on a row's number chooses the group. */
export function ResultGroups({
  report,
  keys,
  filters,
  onChoose,
}: {
  readonly report: ReportJson;
  readonly keys: readonly ReportKey[];
  readonly filters: Filters;
  readonly onChoose: (group: ReportGroupJson) => void;
}): ReactElement {
  const columns = keys.filter(
    key => key === 'outcome' || report.groups.some(group => group[key] !== undefined),
  );
  const chosen = JSON.stringify(filters);
  const isChosen = (group: ReportGroupJson): boolean =>
    chosen !== '{}' && JSON.stringify(filtersOf(group, keys)) === chosen;
  return (
    <div className="table-scroll">
      <table className="groups">
        <thead>
          <tr>
            <th scope="col" className="number">
              hosts
            </th>
            {columns.map(key => (
              <th scope="col" key={key}>
                {key}
              </th>
            ))}
            <th scope="col">examples</th>
          </tr>
        </thead>
        <tbody>
          {report.groups.map(group => (
            <GroupRow
              key={JSON.stringify({ ...group, hosts: 0, examples: 0 })}
              {...{ group, columns, onChoose }}
              isChosen={isChosen(group)}
            />
          ))}
        </tbody>
      </table>
      {report.otherHosts > 0 && (
        <p className="muted small-text">
          … {hosts(report.otherHosts)} in at least {report.otherGroups} further groups
        </p>
      )}
    </div>
  );
}

function GroupRow({
  group,
  columns,
  isChosen,
  onChoose,
}: {
  readonly group: ReportGroupJson;
  readonly columns: readonly ReportKey[];
  readonly isChosen: boolean;
  readonly onChoose: (group: ReportGroupJson) => void;
}): ReactElement {
  return (
    <tr className={isChosen ? 'chosen' : ''}>
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
      {columns.map(key => (
        <td key={key}>{cellOf(key, group)}</td>
      ))}
      <td className="muted small-text">{group.examples.slice(0, EXAMPLES_SHOWN).join(', ')}</td>
    </tr>
  );
}

function cellOf(key: ReportKey, group: ReportGroupJson): ReactElement | string {
  const value = group[key];
  if (value === undefined) return '';
  if (key === 'outcome') return <OutcomeBadge outcome={String(value)} />;
  if (key === 'message' || key === 'arch' || key === 'wave') return visible(String(value));
  return <code className="break">{visible(String(value))}</code>;
}

/** The filters that select the hosts of a group. */
export function filtersOf(group: ReportGroupJson, keys: readonly ReportKey[]): Filters {
  const entries = FILTER_KEYS.filter(key => keys.includes(key) && group[key] !== undefined).map(key => [
    key,
    key === 'value' && group.valueDigest ? `sha256:${group.valueDigest}` : String(group[key]),
  ]);
  return Object.fromEntries(entries);
}
