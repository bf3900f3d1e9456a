import type { ReactElement } from 'react';
import { type TimelineEvent, urlOf, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { Empty, ErrorNotice, Loading, Timestamp } from '../../ui/index.ts';

/** What happened to a request, and who did it, oldest first. */
export function Timeline({ id }: { readonly id: string }): ReactElement {
  const { data, error } = useApi(urlOf('requests/:id/timeline', { id }), 'requests');
  return (
    <section className="panel" aria-labelledby="timeline">
      <div className="panel-head">
        <h2 id="timeline">Timeline</h2>
        <a className="small-text" href={hrefTo(['audit'], { request: id })}>
          Audit log
        </a>
      </div>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Loading what="the timeline" />}
      {data?.events.length === 0 && <Empty title="Nothing has happened yet" />}
      <ol className="timeline">
        {data?.events.map(event => (
          <li key={`${event.atMs} ${event.kind} ${event.text}`} className={`moment ${toneOf(event)}`}>
            <span className="muted small-text nowrap">
              <Timestamp ms={event.atMs} />
            </span>
            <span>{event.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function toneOf({ kind }: TimelineEvent): string {
  if (/reject|abort|stopped|unhealthy|given-up|unreachable/.test(kind)) return 'tone-bad';
  if (/approved|approval-added|finished|done|promoted/.test(kind)) return 'tone-ok';
  return /wave|order|settled|answered/.test(kind) ? 'tone-busy' : 'tone-idle';
}
