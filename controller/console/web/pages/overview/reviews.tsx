import type { ReactElement } from 'react';
import { urlOf, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { until } from '../../text/index.ts';
import { ErrorNotice, useNow } from '../../ui/index.ts';

/** Emergencies that lack reviews; nothing if there are none. */
export function Reviews(): ReactElement | undefined {
  const { data, error } = useApi(urlOf('reviews', {}), 'requests');
  const nowMs = useNow();
  if (error) return <ErrorNotice error={error} />;
  if (!data || data.emergencies.length === 0) return undefined;
  return (
    <section className="panel" aria-labelledby="reviews">
      <h2 id="reviews" className="tone-bad">
        Emergencies to review
      </h2>
      <ul className="cards">
        {data.emergencies.map(({ request, approvers, emergency }) => (
          <li className="card" key={request.id}>
            <div className="card-main">
              <div className="card-line">
                <b className="outcome tone-bad">EMERGENCY</b>
                <span>
                  by <b>{[request.requester, ...approvers].join(', ')}</b>
                </span>
                <span className="muted small-text">
                  {emergency.reviews.length} of {emergency.reviewers} reviews,{' '}
                  {emergency.dueAtMs <= nowMs ? 'overdue' : `${until(emergency.dueAtMs, nowMs)} left`}
                </span>
              </div>
              <p className="card-reason">{request.reason}</p>
            </div>
            <a className="button" href={hrefTo(['requests', request.id])}>
              Open
              <span className="sr-only"> emergency {request.id}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
