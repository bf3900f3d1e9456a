import { type ReactElement, useCallback, useState } from 'react';
import { get, type HostResultJson, urlOf, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { Empty, ErrorNotice, Icon, Loading } from '../../ui/index.ts';
import type { Filters } from './result-groups.tsx';
import { ResultHosts } from './result-hosts.tsx';

const PAGE_HOSTS = 200;

/** Characters of a filter's value that are shown. */
const VALUE_CHARS = 40;

/** The hosts of a request that the filters select, loaded page by page. */
export function ResultHostsPanel({
  id,
  filters,
  onClear,
}: {
  readonly id: string;
  readonly filters: Filters;
  readonly onClear: () => void;
}): ReactElement {
  const { hosts, error, more } = useHosts(id, filters);
  const chosen = Object.entries(filters).map(([key, value]) => `${key} ${value.slice(0, VALUE_CHARS)}`);
  return (
    <section className="panel" aria-labelledby="result-hosts">
      <div className="panel-head">
        <h2 id="result-hosts">Hosts</h2>
        {chosen.length > 0 && (
          <button type="button" className="chip" aria-pressed onClick={onClear}>
            {chosen.join(', ')}
            <Icon name="close" size={12} />
            <span className="sr-only">show all hosts</span>
          </button>
        )}
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
      {!hosts && error === undefined && <Loading what="hosts" />}
      {hosts?.length === 0 && <Empty title="No host matches" />}
      {hosts && hosts.length > 0 && (
        <ResultHosts hosts={hosts} hrefOf={host => hrefTo(['requests', id, 'hosts', host])} onEnd={more} />
      )}
    </section>
  );
}

interface LaterPages {
  readonly url: string;
  readonly hosts: readonly HostResultJson[];
  readonly next: string | undefined;
}

/** The first page, kept up to date, and later pages as they were when `more` loaded them. */
function useHosts(id: string, filters: Filters) {
  const filter = Object.entries(filters).map(([key, value]) => `${key}=${value}`);
  const pageUrl = (after?: string) =>
    urlOf('requests/:id/hosts', { id }, { limit: PAGE_HOSTS, filter, after });
  const url = pageUrl();
  const first = useApi(url, 'requests');
  const [pages, setPages] = useState<LaterPages>();
  const [error, setError] = useState<unknown>();
  const later = pages?.url === url ? pages : undefined;
  const next = later ? later.next : first.data?.next;
  const nextUrl = next === undefined ? undefined : pageUrl(next);
  const more = useCallback(async () => {
    if (nextUrl === undefined) return;
    try {
      const page = await get(nextUrl);
      setPages(before => ({
        url,
        next: page.next,
        hosts: [...(before?.url === url ? before.hosts : []), ...page.hosts],
      }));
    } catch (thrown) {
      setError(thrown);
    }
  }, [url, nextUrl]);
  const hosts = first.data && [...first.data.hosts, ...(later?.hosts ?? [])];
  return { hosts, error: first.error ?? error, more: nextUrl === undefined ? undefined : more };
}
