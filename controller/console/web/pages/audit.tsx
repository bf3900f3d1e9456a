import { type ReactElement, useState } from 'react';
import { type ApiError, type AuditJson, get, toApiError, useApi } from '../api/index.ts';
import { hrefTo, usePlace } from '../nav/index.ts';
import { visible } from '../text/index.ts';
import { At, Empty, ErrorNotice, Field, Loading } from '../ui/index.ts';

const PAGE = 200;

/** Every change of state, as the controller's log has it. */
export function AuditPage(): ReactElement {
  const { query } = usePlace();
  const [requestId, setRequestId] = useState(query.get('request') ?? '');
  const [kind, setKind] = useState('');
  const { entries, error, hasMore, more } = useAudit(requestId.trim(), kind.trim());
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Audit trail</h1>
          <p>
            A hash-chained log, newest first. Whether it is whole and true is proved by{' '}
            <code>farcall audit verify</code>, not here.
          </p>
        </div>
      </header>
      <section className="panel" aria-label="Entries">
        <div className="filters">
          <Field label="Request">
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
          </Field>
          <Field label="Kind">
            {attributes => (
              <input
                {...attributes}
                className="mono"
                value={kind}
                placeholder="every kind: order-made"
                spellCheck={false}
                onChange={event => setKind(event.target.value)}
              />
            )}
          </Field>
        </div>
        {error && <ErrorNotice error={error} />}
        {!entries && !error && <Loading what="the log" />}
        {entries?.length === 0 && <Empty title="No entry is like that" />}
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
      </section>
    </>
  );
}

function useAudit(requestId: string, kind: string) {
  const filter = `${requestId === '' ? '' : `&requestId=${encodeURIComponent(requestId)}`}${kind === '' ? '' : `&kind=${encodeURIComponent(kind)}`}`;
  const first = useApi<{ entries: readonly AuditJson[] }>(
    `/api/audit?beforeSeq=${Number.MAX_SAFE_INTEGER}&limit=${PAGE}${filter}`,
  );
  const [rest, setRest] = useState<{ filter: string; entries: readonly AuditJson[] }>({
    filter,
    entries: [],
  });
  const [failed, setFailed] = useState<{ filter: string; error: ApiError }>();
  const later = rest.filter === filter ? rest.entries : [];
  const entries = first.data && [...first.data.entries, ...later];
  const more = async (): Promise<void> => {
    const before = entries?.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER;
    try {
      const found = await get<{ entries: readonly AuditJson[] }>(
        `/api/audit?beforeSeq=${before}&limit=${PAGE}${filter}`,
      );
      setRest({ filter, entries: [...later, ...found.entries] });
    } catch (thrown) {
      setFailed({ filter, error: toApiError(thrown) });
    }
  };
  const hasMore = !!entries && entries.length > 0 && entries.length % PAGE === 0;
  return {
    entries,
    error: failed?.filter === filter ? failed.error : first.error,
    hasMore,
    more: () => void more(),
  };
}

function Entry({ entry }: { readonly entry: AuditJson }): ReactElement {
  const { seq, atMs, kind, actor, requestId, host, detail, hash } = entry;
  return (
    <li className="entry">
      <details>
        <summary>
          <span className="entry-seq">{seq}</span>
          <span className="entry-time">
            <At ms={atMs} />
          </span>
          <b className="entry-kind">{kind}</b>
          <span className="entry-who">{[actor, host].filter(Boolean).join(' · ')}</span>
          <code className="entry-detail">{shortOf(detail)}</code>
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

/** What an entry says, in a line; whole below. */
function shortOf(detail: unknown): string {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail);
  return visible(text === '{}' ? '' : text).slice(0, 200);
}
