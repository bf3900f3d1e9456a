import type { ReactElement } from 'react';
import { hosts } from '../../text/index.ts';
import { Icon } from '../../ui/index.ts';
import type { Draft, FieldErrors } from './draft.ts';

interface ActionBarProps {
  readonly draft: Draft;
  readonly errors: FieldErrors;
  /** The plan that goes with the request. */
  readonly planId: string | undefined;
  /** How many hosts the selector matches, once that is known. */
  readonly expected: number | undefined;
  readonly isPlanning: boolean;
  readonly isCreating: boolean;
  readonly onPlan: () => void;
  readonly onCreate: () => void;
}

/** What the request would be, or what is wrong with it, and the buttons that plan and create it. */
export function ActionBar(props: ActionBarProps): ReactElement {
  const { isPlanning, isCreating, onPlan, onCreate } = props;
  return (
    <div className="action-bar">
      <p className="small-text" role="status">
        {summaryOf(props)}
      </p>
      <button type="button" className="button" disabled={isPlanning} onClick={onPlan}>
        <Icon name="search" /> {isPlanning ? 'Planning …' : 'Plan'}
      </button>
      <button type="button" className="button primary" disabled={isCreating} onClick={onCreate}>
        Create request
      </button>
    </div>
  );
}

function summaryOf({ draft, errors, expected, planId }: ActionBarProps): string {
  const [error] = Object.values(errors);
  if (error) return error;
  const target = expected === undefined ? draft.selector : hosts(expected);
  const plan = planId ? `with plan ${planId}` : 'without a plan: approvers will not see what it would do';
  return `${target}, effect ${draft.effect}, policy ${draft.policy}; ${plan}`;
}
