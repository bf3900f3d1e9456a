import type { ReactElement } from 'react';
import { type AuditJson, urlOf, useApi } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { Empty, ErrorNotice, Loading, OutcomeBadge, RelativeTime } from '../ui/index.ts';

/** Past calls that are shown; the audit log has the others. */
const CALLS_SHOWN = 20;

/** What the newest requests came to on one host, by its own answers in the audit log. */
export function HostCalls({ name }: { readonly name: string }): ReactElement {
  const url = urlOf(
    'audit',
    {},
    {
      ...{ host: name, kind: 'host-answered', limit: CALLS_SHOWN, beforeSeq: Number.MAX_SAFE_INTEGER },
    },
  );
  const { data, error } = useApi(url, 'requests');
  return (
    <section className="panel" aria-labelledby="host-calls">
      <div className="panel-head">
        <h2 id="host-calls">Past calls</h2>
        <a className="small-text" href={hrefTo(['audit'], { host: name })}>
          Audit log of this host
        </a>
      </div>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Loading what="past calls" />}
      {data?.entries.length === 0 && <Empty title="No call has run on this host yet" />}
      {data && data.entries.length > 0 && (
        <div className="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Request</th>
                <th scope="col">Outcome</th>
                <th scope="col">Attempt</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {data.entries.map(entry => (
                <Call key={entry.seq} entry={entry} host={name} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Call({
  entry: { requestId = '', atMs, detail },
  host,
}: {
  readonly entry: AuditJson['entries'][number];
  readonly host: string;
}): ReactElement {
  const { outcome, attempt } = detail as { readonly outcome: string; readonly attempt: number };
  return (
    <tr>
      <th scope="row">
        <a href={hrefTo(['requests', requestId, 'hosts', host])}>
          <code>{requestId}</code>
        </a>
      </th>
      <td>
        <OutcomeBadge outcome={outcome} />
      </td>
      <td>{attempt}</td>
      <td>
        <RelativeTime ms={atMs} />
      </td>
    </tr>
  );
}
