import type { ReactElement } from 'react';
import { urlOf, useApi } from '../../api/index.ts';
import { hosts, visible } from '../../text/index.ts';
import { ErrorNotice, Icon, Loading } from '../../ui/index.ts';
import { repliesOf, verdictOf } from '../plan/index.ts';

/**
 * What the hosts of each kernel would do, by the plan that the request names; in red where they would not run
 * it.
 */
export function PlanVerdict({ planDigest }: { readonly planDigest: string | undefined }): ReactElement {
  const { data: plan, error } = useApi(
    planDigest === undefined ? undefined : urlOf('plans/:id', { id: planDigest }),
  );
  if (planDigest === undefined) return <span className="outcome tone-held">made without a plan</span>;
  if (error) return <ErrorNotice error={error} />;
  if (!plan) return <Loading what="the plan" />;
  if (plan.digest !== planDigest)
    return <b className="outcome tone-bad wrap">the controller sent a different plan: do not rely on it</b>;
  return (
    <ul className="plan-verdicts">
      {plan.groups.map(group => {
        const replies = repliesOf(plan, group).map(({ reply }) => reply);
        const { tone, shape, text } = verdictOf(replies);
        const why = replies[0]?.error?.message ?? replies[0]?.refusals[0]?.message;
        return (
          <li key={group.kernels.map(({ release, version }) => release + version).join()}>
            <span className={`outcome tone-${tone} wrap`}>
              <Icon name={shape} size={14} /> <b>{hosts(group.hosts)}</b>: {text}
            </span>
            {why && <span className="muted small-text"> {visible(why.split('\n')[0] ?? '')}</span>}
          </li>
        );
      })}
    </ul>
  );
}
