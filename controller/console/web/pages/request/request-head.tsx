import type { ReactElement } from 'react';
import { hrefTo } from '../../nav/index.ts';
import { hosts, until } from '../../text/index.ts';
import { EffectBadge, Icon, OutcomeBar, OutcomeLegend, StateBadge, useNow } from '../../ui/index.ts';
import { Actions, type ActionsProps } from './actions.tsx';

/** The head of a request's page: reason, status, and the buttons for this person. */
export function RequestHead(props: ActionsProps): ReactElement {
  const { status } = props.json;
  const { reason, expectedHosts } = props.signed.request;
  const total = expectedHosts ?? status.expectedHosts;
  const isBefore = ['pending', 'rejected', 'approved'].includes(status.state);
  return (
    <div className="request-head">
      <header className="page-head">
        <div className="request-title">
          <a className="crumb" href={hrefTo(['requests'])}>
            <Icon name="back" size={14} /> Requests
          </a>
          <h1>{reason}</h1>
          <StatusLine {...props} total={total} isBefore={isBefore} />
        </div>
        <Actions {...props} />
      </header>
      {!isBefore && (
        <div className="stack tight">
          <OutcomeBar outcomes={status.outcomes} expected={total} />
          <OutcomeLegend outcomes={status.outcomes} expected={total} />
        </div>
      )}
    </div>
  );
}

function StatusLine({
  json: { status },
  signed: { request },
  total,
  isBefore,
}: ActionsProps & { readonly total: number; readonly isBefore: boolean }): ReactElement {
  const { id, requester, effect, indirectCalls, policy, expiresAtMs } = request;
  const { state, rollout, approvers, threshold } = status;
  const nowMs = useNow();
  return (
    <div className="card-line">
      <StateBadge state={state} outcomes={status.outcomes} />
      {rollout && !isBefore && rollout.state !== 'done' && <StateBadge state={rollout.state} />}
      <span>
        <b>{requester}</b> for <b>{hosts(total)}</b>
      </span>
      <EffectBadge effect={effect} indirectCalls={indirectCalls} />
      {policy === 'emergency' ? (
        <b className="outcome tone-bad">EMERGENCY</b>
      ) : (
        <span className="muted">{policy}</span>
      )}
      <code className="muted">{id}</code>
      {isBefore && (
        <span className="muted">
          {approvers.length} of {threshold} approvals, {until(expiresAtMs, nowMs)} left
        </span>
      )}
    </div>
  );
}
