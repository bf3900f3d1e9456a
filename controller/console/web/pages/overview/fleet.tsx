import { type ReactElement, useDeferredValue, useMemo, useState } from 'react';
import { type HostJson, urlOf, useApi } from '../../api/index.ts';
import { count, hosts as hostsText } from '../../text/index.ts';
import { Empty, ErrorNotice, Loading, useNow } from '../../ui/index.ts';
import { FacetPanel, SelectedChips } from './facet-panel.tsx';
import { FACETS, type Selected, selectedHosts } from './facets.ts';
import { HostFilters } from './host-filters.tsx';
import { HostList } from './host-list.tsx';

/** Facets count by times that change this often, so that they are not counted again each second. */
const FACET_INTERVAL_MS = 10_000;

/** The hosts: how many are in each group, and a list of their names. */
export function Fleet(): ReactElement {
  const [selector, setSelector] = useState('');
  const [text, setText] = useState('');
  const [selected, setSelected] = useState<Selected>({});
  const { data, error, isLoading } = useApi(urlOf('hosts', {}, { selector }), 'hosts');
  const nowMs = Math.floor(useNow() / FACET_INTERVAL_MS) * FACET_INTERVAL_MS;
  const all = data?.hosts;
  return (
    <>
      <section className="panel" aria-labelledby="fleet">
        <div className="panel-head">
          <h2 id="fleet">Fleet</h2>
          <small>
            {all && `${hostsText(all.length)} enrolled`}
            {selector !== '' && all && ` match ${selector}`}
          </small>
        </div>
        {error && <ErrorNotice error={error} />}
        {!all && isLoading && <Loading what="the fleet" />}
        {all?.length === 0 && <NoHosts selector={selector} />}
        {all && all.length > 0 && (
          <div className="facets">
            {FACETS.map(facet => (
              <FacetPanel key={facet} {...{ facet, all, nowMs, selected }} onSelect={setSelected} />
            ))}
          </div>
        )}
      </section>
      <Hosts {...{ all, selected, text, nowMs }}>
        <HostFilters text={text} onText={setText} onSelector={setSelector} />
        <SelectedChips selected={selected} onSelect={setSelected} />
      </Hosts>
    </>
  );
}

function Hosts({
  all,
  selected,
  text,
  nowMs,
  children,
}: {
  readonly all: readonly HostJson[] | undefined;
  readonly selected: Selected;
  readonly text: string;
  readonly nowMs: number;
  readonly children: React.ReactNode;
}): ReactElement {
  const words = useDeferredValue(text);
  const shown = useMemo(
    () => selectedHosts(all ?? [], { selected, text: words, nowMs }),
    [all, selected, words, nowMs],
  );
  return (
    <section className="panel" aria-labelledby="hosts">
      <div className="panel-head">
        <h2 id="hosts">Hosts</h2>
        <small role="status">{all && `${count(shown.length)} of ${hostsText(all.length)}`}</small>
      </div>
      {children}
      {all && all.length > 0 && shown.length === 0 && (
        <Empty title="No host is left">Remove a filter, or search for something shorter.</Empty>
      )}
      {shown.length > 0 && <HostList hosts={shown} />}
    </section>
  );
}

function NoHosts({ selector }: { readonly selector: string }): ReactElement {
  if (selector !== '')
    return <Empty title={`No host matches ${selector}`}>Try env=prod, kernel~6.1, host=web-* or *.</Empty>;
  return (
    <Empty title="No host is enrolled yet">
      To enrol one, an approver runs <code>farcall host enrol NAME --out NAME.token</code>, and then the
      machine itself runs <code>farcall-agent enrol --token-file NAME.token</code>.
    </Empty>
  );
}
