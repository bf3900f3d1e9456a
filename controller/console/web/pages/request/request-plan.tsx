import type { ReactElement } from 'react';
import { type RequestJson, urlOf, useApi } from '../../api/index.ts';
import { ErrorNotice, Loading, Notice } from '../../ui/index.ts';
import { PlanGroups } from '../plan/index.ts';

/** The plan that the request names by its digest. */
export function RequestPlan({
  planDigest,
  json,
}: {
  readonly planDigest: string | undefined;
  readonly json: RequestJson;
}): ReactElement {
  const { data: plan, error } = useApi(
    planDigest === undefined ? undefined : urlOf('plans/:id', { id: planDigest }),
  );
  return (
    <section className="panel" aria-labelledby="request-plan">
      <h2 id="request-plan">What it would do</h2>
      {error && <ErrorNotice error={error} />}
      {!plan && !error && <Loading what="the plan" />}
      {plan && plan.digest !== planDigest && (
        <Notice tone="bad">
          The controller sent a different plan from the one that request {json.id} names. Do not rely on it.
        </Notice>
      )}
      {plan && plan.digest === planDigest && <PlanGroups plan={plan} />}
    </section>
  );
}
