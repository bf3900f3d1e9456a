import type { ReactElement } from 'react';
import { Empty, ErrorNotice, Icon, Notice } from '../../ui/index.ts';
import { PlanGroups } from '../plan/index.ts';
import type { PlanRun } from './use-plan.ts';

/** The plan, and its progress while it is made. `isFresh`: it still fits the form. */
export function PlanPanel({
  plan: run,
  isFresh,
}: {
  readonly plan: PlanRun;
  readonly isFresh: boolean;
}): ReactElement {
  const { plan, progress, error, isBusy } = run;
  return (
    <section className="panel" aria-labelledby="plan">
      <div className="panel-head">
        <h2 id="plan">What it would do</h2>
        <small role="status">
          {isBusy &&
            (progress ? `${progress.answered} of ${progress.asked} hosts replied` : 'asking hosts …')}
        </small>
      </div>
      {error && <ErrorNotice error={error} />}
      {plan && !isFresh && (
        <Notice tone="held">
          The form has changed since this plan was made, so the request would have no plan. Plan again.
        </Notice>
      )}
      {plan && <PlanGroups plan={plan} />}
      {!plan && !error && !isBusy && (
        <Empty title="No plan yet">
          <Icon name="search" size={14} /> Plan asks one host of each kernel what the program would do there.
          Nothing is run.
        </Empty>
      )}
    </section>
  );
}
