import type { ReactElement } from 'react';
import type { RequestJson } from '../../api/index.ts';
import { duration, hosts } from '../../text/index.ts';
import { Icon, RelativeTime } from '../../ui/index.ts';

/** Who approved, rejected or aborted, and whether it still counts. */
export function Decisions({ json }: { readonly json: RequestJson }): ReactElement {
  const { decisions, abort, approvers, threshold, emptySeats, emergency } = json.status;
  return (
    <section className="panel" aria-labelledby="decisions">
      <div className="panel-head">
        <h2 id="decisions">Decisions</h2>
        <small>
          {approvers.length} of {threshold} needed
          {emptySeats.length > 0 && `; missing: ${emptySeats.map(team => `one of ${team}`).join(', ')}`}
        </small>
      </div>
      {decisions.length === 0 && !abort && <p className="muted">Nobody has decided yet.</p>}
      {emergency && (
        <p className={emergency.reviewedAtMs === undefined ? 'tone-bad' : 'muted'}>
          Emergency: {emergency.reviews.length} of {emergency.reviewers} reviews
          {emergency.reviewedAtMs === undefined && (
            <>
              , due <RelativeTime ms={emergency.dueAtMs} />
            </>
          )}
          . People who were in it cannot review it.
        </p>
      )}
      <ul className="decisions">
        {decisions.map(decision => (
          <Decision key={decision.token} {...decision} />
        ))}
        {emergency?.reviews.map(({ reviewer, verdict, reason, atMs }) => (
          <li key={reviewer}>
            <span className={`outcome tone-${verdict === 'accept' ? 'ok' : 'bad'}`}>
              <Icon name={verdict === 'accept' ? 'check' : 'minus'} size={14} />
              <b>{reviewer}</b>
            </span>
            <span>{verdict === 'accept' ? 'reviewed and accepted it' : 'reviewed it and objects'}</span>
            <span className="muted small-text">
              <RelativeTime ms={atMs} />
            </span>
            <q>{reason}</q>
          </li>
        ))}
        {abort && (
          <li>
            <span className="outcome tone-bad">
              <Icon name="stop" size={14} />
              <b>{abort.by}</b>
            </span>
            <span>aborted it</span>
            <span className="muted small-text">
              <RelativeTime ms={abort.atMs} />
            </span>
            <q>{abort.reason}</q>
            <AbortProgress abort={abort} />
          </li>
        )}
      </ul>
    </section>
  );
}

/** How long the abort took, or which hosts have not said that they obey it. */
function AbortProgress({ abort }: { readonly abort: Abort }): ReactElement {
  const { atMs, endedAtMs, obeyed, silent, running } = abort;
  if (endedAtMs !== undefined)
    return (
      <span className="muted small-text">
        Over after {duration(endedAtMs - atMs)}, obeyed by {hosts(obeyed)}.
      </span>
    );
  return (
    <span className="small-text">
      Obeyed by {hosts(obeyed)}.{running.hosts > 0 && ` The call goes on on ${names(running)}.`}
      {silent.hosts > 0 && <b className="tone-bad"> Not heard yet: {names(silent)}.</b>}
    </span>
  );
}

type Abort = NonNullable<RequestJson['status']['abort']>;

function names({ hosts: all, names: some }: Abort['silent']): string {
  return all > some.length ? `${some.join(', ')} and ${all - some.length} more` : some.join(', ');
}

function Decision(props: RequestJson['status']['decisions'][number]): ReactElement {
  const { approver, decision, reason, atMs, withdrawn, token } = props;
  const isApproval = decision === 'approve';
  return (
    <li className={withdrawn ? 'withdrawn' : ''}>
      <span className={`outcome tone-${withdrawn ? 'idle' : isApproval ? 'ok' : 'bad'}`}>
        <Icon name={withdrawn ? 'minus' : isApproval ? 'check' : 'stop'} size={14} />
        <b>{approver}</b>
      </span>
      <span>
        {isApproval ? 'approved' : 'rejected'}
        {withdrawn ? ', and took that back' : ''}
        {isPasskey(token) && <span className="muted"> by passkey</span>}
      </span>
      <span className="muted small-text">
        <RelativeTime ms={atMs} />
      </span>
      {reason && <q>{reason}</q>}
    </li>
  );
}

/** Whether `alg` in the token's header is WebAuthn (shared/tokens/passkey-token.ts). */
function isPasskey(token: string): boolean {
  try {
    const header = JSON.parse(atob((token.split('.')[0] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    return header.alg === 'WebAuthn';
  } catch {
    return false;
  }
}
