import { type ReactElement, useMemo, useState } from 'react';
import type { HostJson } from '../../api/index.ts';
import { count } from '../../text/index.ts';
import { Icon } from '../../ui/index.ts';
import { countsOf, FACET_TEXT, type Facet, type Selected } from './facets.ts';

interface FacetPanelProps {
  readonly facet: Facet;
  readonly all: readonly HostJson[];
  readonly nowMs: number;
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
}

/** Groups that are shown before the person asks for more. */
const GROUPS_SHOWN = 6;

/** The groups of one facet with their hosts counted; a click selects a group. */
export function FacetPanel({ facet, all, nowMs, selected, onSelect }: FacetPanelProps): ReactElement {
  const groups = useMemo(() => countsOf(facet, all, nowMs), [facet, all, nowMs]);
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? groups : groups.slice(0, GROUPS_SHOWN);
  const { title, hint } = FACET_TEXT[facet];
  return (
    <div className="facet">
      <h3>
        {title} <small>{hint}</small>
      </h3>
      <ul>
        {shown.map(([group, hosts]) => (
          <li key={group}>
            <button
              type="button"
              aria-pressed={selected[facet] === group}
              onClick={() => onSelect(toggled(selected, facet, group))}
            >
              <span className="facet-name">{group}</span>
              <span className="facet-count">{count(hosts)}</span>
              <span className="facet-bar" style={{ width: `${Math.max(1, (hosts * 100) / all.length)}%` }} />
            </button>
          </li>
        ))}
      </ul>
      {groups.length > GROUPS_SHOWN && (
        <button type="button" className="button ghost small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `${groups.length - GROUPS_SHOWN} more`}
        </button>
      )}
    </div>
  );
}

/** The selected groups, each with a button that removes it. */
export function SelectedChips({
  selected,
  onSelect,
}: {
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
}): ReactElement | null {
  const entries = Object.entries(selected) as [Facet, string][];
  if (entries.length === 0) return null;
  return (
    <div className="chips">
      {entries.map(([facet, group]) => (
        <button
          key={facet}
          type="button"
          className="chip"
          aria-pressed
          onClick={() => onSelect(toggled(selected, facet, group))}
        >
          {FACET_TEXT[facet].title}: {group}
          <Icon name="close" size={12} />
          <span className="sr-only">remove</span>
        </button>
      ))}
    </div>
  );
}

function toggled(selected: Selected, facet: Facet, group: string): Selected {
  const { [facet]: before, ...others } = selected;
  return before === group ? others : { ...others, [facet]: group };
}
