import { type ReactElement, useDeferredValue, useMemo, useState } from 'react';
import { type HostJson, useApi } from '../../api/index.ts';
import { count, hosts as hostsText } from '../../text/index.ts';
import { Empty, ErrorNotice, Icon, Loading, useNow } from '../../ui/index.ts';
import { type Chosen, chosenHosts, countsOf, FACET_TEXT, FACETS, type Facet } from './facets.ts';
import { HostList } from './host-list.tsx';

/** The hosts: how many of what, and each by its name. */
export function Fleet(): ReactElement {
  const [selector, setSelector] = useState('');
  const [asked, setAsked] = useState('');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<Chosen>({});
  const path = asked === '' ? '/api/hosts' : `/api/hosts?selector=${encodeURIComponent(asked)}`;
  const { data, error, isLoading } = useApi<{ hosts: readonly HostJson[]; nowMs: number }>(path, 'hosts');
  const nowMs = Math.floor(useNow() / 10_000) * 10_000;
  const words = useDeferredValue(text);
  const all = data?.hosts;
  const shown = useMemo(
    () => chosenHosts(all ?? [], { chosen, text: words, nowMs }),
    [all, chosen, words, nowMs],
  );
  return (
    <>
      <section className="panel" aria-labelledby="fleet">
        <div className="panel-head">
          <h2 id="fleet">Fleet</h2>
          <small>
            {all && `${hostsText(all.length)} enrolled`}
            {asked !== '' && all && ` match ${asked}`}
          </small>
        </div>
        {error && <ErrorNotice error={error} />}
        {!all && isLoading && <Loading what="the fleet" />}
        {all?.length === 0 && <NoHosts asked={asked} />}
        {all && all.length > 0 && (
          <div className="facets">
            {FACETS.map(facet => (
              <FacetPanel key={facet} {...{ facet, all, nowMs, chosen }} onChoose={setChosen} />
            ))}
          </div>
        )}
      </section>
      <section className="panel" aria-labelledby="hosts">
        <div className="panel-head">
          <h2 id="hosts">Hosts</h2>
          <small role="status">{all && `${count(shown.length)} of ${hostsText(all.length)}`}</small>
        </div>
        <div className="filters">
          <form
            className="search"
            onSubmit={event => {
              event.preventDefault();
              setAsked(selector.trim());
            }}
          >
            <Icon name="fleet" />
            <input
              className="mono"
              aria-label="Selector, Enter to apply"
              placeholder="selector: env=prod,kernel~6.1 ⏎"
              value={selector}
              spellCheck={false}
              onChange={event => setSelector(event.target.value)}
              onBlur={() => setAsked(selector.trim())}
            />
          </form>
          <div className="search">
            <Icon name="search" />
            <input
              type="search"
              data-search
              aria-label="Search names and labels"
              placeholder="search names and labels"
              value={text}
              onChange={event => setText(event.target.value)}
            />
          </div>
        </div>
        <ChosenChips chosen={chosen} onChoose={setChosen} />
        {all && all.length > 0 && shown.length === 0 && (
          <Empty title="No host is left">Take a filter away, or search for something shorter.</Empty>
        )}
        {shown.length > 0 && <HostList hosts={shown} />}
      </section>
    </>
  );
}

function NoHosts({ asked }: { readonly asked: string }): ReactElement {
  if (asked !== '')
    return <Empty title={`No host matches ${asked}`}>Try env=prod, kernel~6.1, host=web-* or *.</Empty>;
  return (
    <Empty title="No host is enrolled yet">
      An approver runs <code>farcall host enrol NAME --out NAME.token</code>, and the machine{' '}
      <code>farcall-agent enrol --token-file NAME.token</code>.
    </Empty>
  );
}

interface FacetProps {
  readonly facet: Facet;
  readonly all: readonly HostJson[];
  readonly nowMs: number;
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}

/** Groups that are shown before the rest is counted together. */
const GROUPS_SHOWN = 6;

function FacetPanel({ facet, all, nowMs, chosen, onChoose }: FacetProps): ReactElement {
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
              aria-pressed={chosen[facet] === group}
              onClick={() => onChoose(toggled(chosen, facet, group))}
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

function ChosenChips({
  chosen,
  onChoose,
}: {
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}): ReactElement | null {
  const entries = Object.entries(chosen) as [Facet, string][];
  if (entries.length === 0) return null;
  return (
    <div className="chips">
      {entries.map(([facet, group]) => (
        <button
          key={facet}
          type="button"
          className="chip"
          aria-pressed
          onClick={() => onChoose(toggled(chosen, facet, group))}
        >
          {FACET_TEXT[facet].title}: {group}
          <Icon name="close" size={12} />
          <span className="sr-only">remove</span>
        </button>
      ))}
    </div>
  );
}

function toggled(chosen: Chosen, facet: Facet, group: string): Chosen {
  const { [facet]: before, ...others } = chosen;
  return before === group ? others : { ...others, [facet]: group };
}
