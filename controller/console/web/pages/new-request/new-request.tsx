import { type ReactElement, useEffect, useState } from 'react';
import { post, type RequestJson } from '../../api/index.ts';
import { goTo, hrefTo, mayAsk, useMe, usePlace } from '../../nav/index.ts';
import { hosts } from '../../text/index.ts';
import { Empty, ErrorNotice, Icon } from '../../ui/index.ts';
import {
  callDraftOf,
  type Draft,
  EMPTY_DRAFT,
  keepDraft,
  keptDraft,
  planDraftOf,
  problemsOf,
} from './draft.ts';
import { PlanView } from './plan-view.tsx';
import { ProgramPanel } from './program-panel.tsx';
import { HostsPanel, TermsPanel } from './settings.tsx';
import { usePlan } from './use-plan.ts';
import { useSelection } from './use-selection.ts';
import { WavesPanel } from './waves-panel.tsx';

/** A new request: program, hosts, terms, waves; then what it would do; then it is made. */
export function NewRequestPage(): ReactElement {
  const canAsk = mayAsk(useMe());
  if (!canAsk)
    return <Empty title="You may not make requests">The trust bundle has you as no requester.</Empty>;
  return <NewRequest />;
}

function NewRequest(): ReactElement {
  const { draft, change, clear } = useDraft();
  const selection = useSelection(draft.selector);
  const plan = usePlan();
  // The editor holds the program itself; to begin anew takes another editor.
  const [editorNumber, setEditorNumber] = useState(0);
  const [wasTried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const problems = problemsOf(draft);
  const shown = wasTried ? problems : {};
  const asked = problems.timeout ? '' : JSON.stringify(planDraftOf(draft));
  const freshPlan = plan.plan && plan.asked === asked ? plan.plan : undefined;
  const canPlan = !problems.program && !problems.selector && !problems.timeout;

  const create = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await post<RequestJson>('/api/requests', callDraftOf(draft, freshPlan?.id));
      clear();
      goTo(hrefTo(['requests', id]));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const beginAnew = (): void => {
    clear();
    setEditorNumber(number => number + 1);
  };
  const planNow = (): void => {
    if (canPlan) void plan.run(planDraftOf(draft));
    else setTried(true);
  };
  return (
    <>
      <header className="page-head">
        <div>
          <h1>New request</h1>
          <p>Nothing runs before the people who must approve it have signed exactly this.</p>
        </div>
        <button type="button" className="button ghost" onClick={beginAnew}>
          Clear
        </button>
      </header>
      <div className="columns wide-left form-columns">
        <div className="stack">
          <ProgramPanel
            key={editorNumber}
            {...{ draft, change, kernels: selection.selection?.kernels, problem: shown.program }}
          />
          <WavesPanel {...{ draft, change, problem: problems.waves, expected: selection.selection?.hosts }} />
        </div>
        <div className="stack">
          <HostsPanel {...{ draft, change, selection, problem: shown.selector }} />
          <TermsPanel {...{ draft, change, problems: { ...problems, reason: shown.reason } }} />
        </div>
      </div>
      <PlanView plan={plan} isFresh={freshPlan !== undefined} />
      {error !== undefined && <ErrorNotice error={error} />}
      <div className="action-bar">
        <p className="small-text" role="status">
          {summaryOf({ draft, problems, expected: selection.selection?.hosts, planId: freshPlan?.id })}
        </p>
        <button type="button" className="button" disabled={plan.isBusy} onClick={planNow}>
          <Icon name="search" /> {plan.isBusy ? 'Planning …' : 'Plan'}
        </button>
        <button type="button" className="button primary" disabled={isBusy} onClick={() => void create()}>
          Create request
        </button>
      </div>
    </>
  );
}

function summaryOf(facts: {
  readonly draft: Draft;
  readonly problems: object;
  readonly expected: number | undefined;
  readonly planId: string | undefined;
}): string {
  const { draft, problems, expected, planId } = facts;
  const [problem] = Object.values(problems) as string[];
  if (problem) return problem;
  const what = `${expected === undefined ? draft.selector : hosts(expected)}, effect ${draft.effect}, policy ${draft.policy}`;
  return `${what}; ${planId ? `with plan ${planId}` : 'without a plan: approvers will not see what it would do'}`;
}

function useDraft() {
  const { query } = usePlace();
  const given = query.get('hosts');
  const [draft, setDraft] = useState<Draft>(() => ({ ...keptDraft(), ...(given && { selector: given }) }));
  useEffect(() => keepDraft(draft), [draft]);
  return {
    draft,
    change: (part: Partial<Draft>) => setDraft(before => ({ ...before, ...part })),
    clear: () => setDraft(EMPTY_DRAFT),
  };
}
