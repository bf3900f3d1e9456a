import { type ReactElement, useState } from 'react';
import { type ApiError, type AuditJson, get, toApiError, urlOf, useApi } from '../api/index.ts';
import { hrefTo, useRoute } from '../nav/index.ts';
import { Empty, ErrorNotice, FormField, Loading, Timestamp } from '../ui/index.ts';

const PAGE_ENTRIES = 200;

type Entry = AuditJson['entries'][number];

/** What entries are wanted; empty members restrict nothing. */
interface AuditFilter {
  readonly requestId: string;
  readonly kind: string;
  readonly host: string;
  readonly actor: string;
}

const TEXT_FIELDS = [
  { name: 'requestId', label: 'Request', placeholder: 'every request' },
  { name: 'host', label: 'Host', placeholder: 'every host' },
  { name: 'actor', label: 'Done by', placeholder: 'everybody' },
] as const;

/** Entries of the audit log, as sentences. */
export function AuditPage(): ReactElement {
  const { query } = useRoute();
  const [filter, setFilter] = useState<AuditFilter>({
    ...{ requestId: query.get('request') ?? '', host: query.get('host') ?? '' },
    ...{ kind: '', actor: '' },
  });
  const wanted = Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [name, value.trim()]),
  ) as unknown as AuditFilter;
  const log = useAudit(wanted);
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
        <Filters
          filter={filter}
          kinds={log.kinds}
          onChange={changes => setFilter({ ...filter, ...changes })}
        />
        <Entries {...log} />
      </section>
    </>
  );
}

function Filters({
  filter,
  kinds,
  onChange,
}: {
  readonly filter: AuditFilter;
  readonly kinds: readonly string[];
  readonly onChange: (changes: Partial<AuditFilter>) => void;
}): ReactElement {
  return (
    <div className="filters four">
      {TEXT_FIELDS.map(({ name, label, placeholder }) => (
        <FormField label={label} key={name}>
          {attributes => (
            <input
              {...attributes}
              data-search={name === 'requestId' ? true : undefined}
              className="mono"
              value={filter[name]}
              placeholder={placeholder}
              spellCheck={false}
              onChange={event => onChange({ [name]: event.target.value })}
            />
          )}
        </FormField>
      ))}
      <FormField label="What happened">
        {attributes => (
          <select
            {...attributes}
            value={filter.kind}
            onChange={event => onChange({ kind: event.target.value })}
          >
            <option value="">everything</option>
            {kinds.map(kind => (
              <option key={kind} value={kind}>
                {inWords(kind)}
              </option>
            ))}
          </select>
        )}
      </FormField>
    </div>
  );
}

function inWords(kind: string): string {
  return kind.replaceAll('-', ' ');
}

function Entries({ entries, error, hasMore, more }: ReturnType<typeof useAudit>): ReactElement {
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {!entries && !error && <Loading what="the log" />}
      {entries?.length === 0 && <Empty title="No entry matches" />}
      <ol className="entries">
        {entries?.map(entry => (
          <EntryRow key={entry.seq} entry={entry} />
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
  const [kinds, setKinds] = useState<readonly string[]>([]);
  const [older, setOlder] = useState<{ readonly url: string; readonly entries: readonly Entry[] }>();
  const [failed, setFailed] = useState<{ readonly url: string; readonly error: ApiError }>();
  if (first.data && kinds.length === 0) setKinds(first.data.kinds);
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
    kinds,
    entries,
    error: failed?.url === url ? failed.error : first.error,
    hasMore: !!entries && entries.length > 0 && entries.length % PAGE_ENTRIES === 0,
    more: () => void more(),
  };
}

function EntryRow({ entry }: { readonly entry: Entry }): ReactElement {
  const { seq, atMs, kind, actor, requestId, host, detail, hash, sentence } = entry;
  return (
    <li className="entry">
      <details>
        <summary>
          <span className="entry-seq">{seq}</span>
          <span className="entry-time">
            <Timestamp ms={atMs} />
          </span>
          <span className="entry-sentence">{sentence}</span>
          {requestId && <code className="entry-who">{requestId}</code>}
        </summary>
        <div className="entry-more">
          <p className="small-text">
            <b className="mono">{kind}</b> by {actor}
            {requestId && (
              <>
                , request <a href={hrefTo(['requests', requestId])}>{requestId}</a>
              </>
            )}
            {host && (
              <>
                , host <a href={hrefTo(['hosts', host])}>{host}</a>
              </>
            )}
          </p>
          <pre className="log">{typeof detail === 'string' ? detail : JSON.stringify(detail, null, 2)}</pre>
          <p className="muted small-text break">
            hash <code>{hash}</code>
          </p>
        </div>
      </details>
    </li>
  );
}
