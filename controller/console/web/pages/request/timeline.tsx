import type { ReactElement } from 'react';
import { type MomentJson, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { At, Empty, ErrorNotice, Loading } from '../../ui/index.ts';

/** What happened to a request, by whom, oldest first. */
export function Timeline({ id }: { readonly id: string }): ReactElement {
  const { data, error } = useApi<{ moments: readonly MomentJson[] }>(
    `/api/requests/${encodeURIComponent(id)}/timeline`,
    'requests',
  );
  return (
    <section className="panel" aria-labelledby="timeline">
      <div className="panel-head">
        <h2 id="timeline">Time line</h2>
        <a className="small-text" href={hrefTo(['audit'], { request: id })}>
          The log itself
        </a>
      </div>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Loading what="the time line" />}
      {data?.moments.length === 0 && <Empty title="Nothing has happened yet" />}
      <ol className="timeline">
        {data?.moments.map(moment => (
          <li key={`${moment.atMs} ${moment.kind} ${moment.text}`} className={`moment ${toneOf(moment)}`}>
            <span className="muted small-text nowrap">
              <At ms={moment.atMs} />
            </span>
            <span>{moment.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function toneOf({ kind }: MomentJson): string {
  if (/reject|abort|stopped|unhealthy|given-up|unreachable/.test(kind)) return 'tone-bad';
  if (/approved|approval-added|finished|done|promoted/.test(kind)) return 'tone-ok';
  return /wave|order|settled|answered/.test(kind) ? 'tone-busy' : 'tone-idle';
}
