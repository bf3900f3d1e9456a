import { type ReactElement, useState } from 'react';
import { type ApiError, type AuditEntryJson, get, toApiError, urlOf, useApi } from '../api/index.ts';
import { hrefTo, useRoute } from '../nav/index.ts';
import { visible } from '../text/index.ts';
import { Empty, ErrorNotice, FormField, Loading, Timestamp } from '../ui/index.ts';

const PAGE_ENTRIES = 200;
const DETAIL_CHARS = 200;

/** Entries of the audit log. */
export function AuditPage(): ReactElement {
  const { query } = useRoute();
  const [requestId, setRequestId] = useState(query.get('request') ?? '');
  const [kind, setKind] = useState('');
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Audit trail</h1>
          <p>
            A hash-chained log, newest first. This page does not verify it; <code>farcall audit verify</code>{' '}
            does.
          </p>
        </div>
      </header>
      <section className="panel" aria-label="Entries">
        <div className="filters">
          <FormField label="Request">
            {attributes => (
              <input
                {...attributes}
                data-search
                className="mono"
                value={requestId}
                placeholder="every request"
                spellCheck={false}
                onChange={event => setRequestId(event.target.value)}
              />
            )}
          </FormField>
          <FormField label="Kind">
            {attributes => (
              <input
                {...attributes}
                className="mono"
                value={kind}
                placeholder="every kind, or for example order-made"
                spellCheck={false}
                onChange={event => setKind(event.target.value)}
              />
            )}
          </FormField>
        </div>
        <Entries requestId={requestId.trim()} kind={kind.trim()} />
      </section>
    </>
  );
}

interface AuditFilter {
  readonly requestId: string;
  readonly kind: string;
}

function Entries(filter: AuditFilter): ReactElement {
  const { entries, error, hasMore, more } = useAudit(filter);
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {!entries && !error && <Loading what="the log" />}
      {entries?.length === 0 && <Empty title="No entry matches" />}
      <ol className="entries">
        {entries?.map(entry => (
          <Entry key={entry.seq} entry={entry} />
        ))}
      </ol>
      {hasMore && (
        <button type="button" className="button" onClick={more}>
          Show older
        </button>
      )}
    </>
  );
}

function pageUrl(filter: AuditFilter, beforeSeq: number) {
  return urlOf('audit', {}, { beforeSeq, limit: PAGE_ENTRIES, ...filter });
}

/** The newest entries, and further pages of older ones on request. */
function useAudit(filter: AuditFilter) {
  const url = pageUrl(filter, Number.MAX_SAFE_INTEGER);
  const first = useApi(url);
  const [older, setOlder] = useState<{ readonly url: string; readonly entries: readonly AuditEntryJson[] }>();
  const [failed, setFailed] = useState<{ readonly url: string; readonly error: ApiError }>();
  const olderEntries = older?.url === url ? older.entries : [];
  const entries = first.data && [...first.data.entries, ...olderEntries];
  const more = async (): Promise<void> => {
    const beforeSeq = entries?.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER;
    try {
      const page = await get(pageUrl(filter, beforeSeq));
      setOlder({ url, entries: [...olderEntries, ...page.entries] });
    } catch (thrown) {
      setFailed({ url, error: toApiError(thrown) });
    }
  };
  return {
    entries,
    error: failed?.url === url ? failed.error : first.error,
    hasMore: !!entries && entries.length > 0 && entries.length % PAGE_ENTRIES === 0,
    more: () => void more(),
  };
}

function Entry({ entry }: { readonly entry: AuditEntryJson }): ReactElement {
  const { seq, atMs, kind, actor, requestId, host, detail, hash } = entry;
  return (
    <li className="entry">
      <details>
        <summary>
          <span className="entry-seq">{seq}</span>
          <span className="entry-time">
            <Timestamp ms={atMs} />
          </span>
          <b className="entry-kind">{kind}</b>
          <span className="entry-who">{[actor, host].filter(Boolean).join(' · ')}</span>
          <code className="entry-detail">{oneLine(detail)}</code>
        </summary>
        <div className="entry-more">
          {requestId && (
            <p>
              Request <a href={hrefTo(['requests', requestId])}>{requestId}</a>
            </p>
          )}
          <pre className="log">{typeof detail === 'string' ? detail : JSON.stringify(detail, null, 2)}</pre>
          <p className="muted small-text break">
            hash <code>{hash}</code>
          </p>
        </div>
      </details>
    </li>
  );
}

/** The beginning of an entry's detail; the opened entry shows all of it. */
function oneLine(detail: unknown): string {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail);
  return visible(text === '{}' ? '' : text).slice(0, DETAIL_CHARS);
}
