import type { ReactElement } from 'react';
import type { RequestJson } from '../../api/index.ts';
import { hrefTo, mayApprove, mayRequest, useMe } from '../../nav/index.ts';
import { hosts, until, visible } from '../../text/index.ts';
import {
  EffectBadge,
  Empty,
  ErrorNotice,
  Loading,
  OutcomeBar,
  OutcomeLegend,
  StateBadge,
  useNow,
} from '../../ui/index.ts';
import { useOpenRequests } from './use-open-requests.ts';

/** The requests that need this person, then the other open requests. */
export function OpenRequests(): ReactElement {
  const { isLoading, error, needsYou, others, more } = useOpenRequests();
  const me = useMe();
  return (
    <>
      <section className="panel" aria-labelledby="needs-you">
        <div className="panel-head">
          <h2 id="needs-you">Needs you</h2>
          {more > 0 && <a href={hrefTo(['requests'])}>{more} more open requests</a>}
        </div>
        {error && <ErrorNotice error={error} />}
        {isLoading && <Loading what="open requests" />}
        {!isLoading && !error && needsYou.length === 0 && (
          <Empty title="Nothing needs you">
            {mayApprove(me)
              ? 'Here you find requests of other people that need an approval, and rollouts that need a person.'
              : 'Here you find rollouts that need a person.'}{' '}
            {mayRequest(me) && <a href={hrefTo(['new'])}>Make a request</a>}
          </Empty>
        )}
        <ul className="cards">
          {needsYou.map(request => (
            <RequestCard key={request.id} request={request} isMine />
          ))}
        </ul>
      </section>
      {others.length > 0 && (
        <section className="panel" aria-labelledby="under-way">
          <h2 id="under-way">Under way</h2>
          <ul className="cards">
            {others.map(request => (
              <RequestCard key={request.id} request={request} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function RequestCard({
  request,
  isMine = false,
}: {
  readonly request: RequestJson;
  readonly isMine?: boolean;
}): ReactElement {
  const { id, requester, reason, program, effect, indirectCalls, expectedHosts, expiresAtMs, status } =
    request;
  const { state, rollout, outcomes } = status;
  const nowMs = useNow();
  const isPending = state === 'pending' || state === 'rejected';
  const total = expectedHosts ?? status.expectedHosts;
  return (
    <li className="card">
      <div className="card-main">
        <div className="card-line">
          <StateBadge state={isPending || !rollout ? state : rollout.state} outcomes={outcomes} />
          <span>
            <b>{requester}</b> for <b>{hosts(total)}</b>
          </span>
          <EffectBadge effect={effect} indirectCalls={indirectCalls} />
          {isPending && (
            <span className="muted small-text">
              {status.approvers.length} of {status.threshold} approvals, {until(expiresAtMs, nowMs)} left
            </span>
          )}
        </div>
        <p className="card-reason">{reason}</p>
        <code className="card-program">{visible(program.trim().split('\n')[0] ?? '')}</code>
        {!isPending && (
          <div className="card-progress">
            <OutcomeBar outcomes={outcomes} expected={total} isThin />
            <OutcomeLegend outcomes={outcomes} expected={total} />
          </div>
        )}
      </div>
      <a className={isMine ? 'button primary' : 'button'} href={hrefTo(['requests', id])}>
        {isMine && isPending ? 'Review' : 'Open'}
        <span className="sr-only"> request {id}</span>
      </a>
    </li>
  );
}
