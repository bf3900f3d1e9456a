import { type ReactElement, useEffect, useState } from 'react';
import { goTo, hrefTo, mayRequest, useMe, useRoute } from '../../nav/index.ts';
import { Empty, ErrorNotice } from '../../ui/index.ts';
import { ActionBar } from './action-bar.tsx';
import {
  callDraftOf,
  type Draft,
  EMPTY_DRAFT,
  type FieldErrors,
  planDraftOf,
  storeDraft,
  storedDraft,
  validate,
} from './draft.ts';
import { PlanPanel } from './plan-panel.tsx';
import { ProgramPanel } from './program-panel.tsx';
import { sendRequest } from './send-request.ts';
import { HostsPanel, TermsPanel } from './settings.tsx';
import { usePlan } from './use-plan.ts';
import { type Selection, useSelection } from './use-selection.ts';
import { WavesPanel } from './waves-panel.tsx';

/** The form for a new request: program, hosts, terms and waves, and its plan. */
export function NewRequestPage(): ReactElement {
  const canRequest = mayRequest(useMe());
  if (!canRequest)
    return (
      <Empty title="You may not make requests">
        The trust bundle does not give you the role of a requester.
      </Empty>
    );
  return <NewRequest />;
}

function NewRequest(): ReactElement {
  const { draft, change, clear } = useDraft();
  // The editor holds the program itself; clearing the form takes a new editor.
  const [editorNumber, setEditorNumber] = useState(0);
  const selection = useSelection(draft.selector);
  const plan = usePlan();
  const [wasTried, setTried] = useState(false);
  const errors = validate(draft);
  const planId = errors.timeout || errors.fuel ? undefined : plan.idFor(planDraftOf(draft));
  const { create, error, isBusy } = useCreate(clear);
  const clearForm = (): void => {
    clear();
    setEditorNumber(number => number + 1);
  };
  const startCreate = (): void => {
    setTried(true);
    if (Object.keys(errors).length === 0) void create(draft, planId);
  };
  const startPlan = (): void => {
    if (errors.program || errors.selector || errors.timeout || errors.fuel) setTried(true);
    else void plan.run(planDraftOf(draft));
  };
  return (
    <>
      <Head onClear={clearForm} />
      <Fields {...{ draft, change, editorNumber, selection, errors, wasTried }} />
      <PlanPanel plan={plan} isFresh={planId !== undefined} />
      {error !== undefined && <ErrorNotice error={error} />}
      <ActionBar
        {...{ draft, errors, planId, expected: selection.selection?.hosts }}
        isPlanning={plan.isBusy}
        isCreating={isBusy}
        onPlan={startPlan}
        onCreate={startCreate}
      />
    </>
  );
}

function Head({ onClear }: { readonly onClear: () => void }): ReactElement {
  return (
    <header className="page-head">
      <div>
        <h1>New request</h1>
        <p>Nothing runs until the people who must approve it have signed exactly this.</p>
      </div>
      <button type="button" className="button ghost" onClick={onClear}>
        Clear
      </button>
    </header>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly editorNumber: number;
  readonly selection: Selection;
  readonly errors: FieldErrors;
  /** Whether the person tried to send the form; before that, empty fields are not marked. */
  readonly wasTried: boolean;
}

function Fields(props: FieldsProps): ReactElement {
  const { draft, change, editorNumber, selection, errors, wasTried } = props;
  const { program, selector, reason, ...typed } = errors;
  const shown: FieldErrors = wasTried ? errors : typed;
  return (
    <div className="columns wide-left form-columns">
      <div className="stack">
        <ProgramPanel
          key={editorNumber}
          {...{ draft, change, kernels: selection.selection?.kernels, problem: shown.program }}
        />
        <WavesPanel {...{ draft, change, problem: shown.waves, expected: selection.selection?.hosts }} />
      </div>
      <div className="stack">
        <HostsPanel {...{ draft, change, selection, problem: shown.selector }} />
        <TermsPanel {...{ draft, change, errors: shown }} />
      </div>
    </div>
  );
}

function useDraft() {
  const { query } = useRoute();
  const given = query.get('hosts');
  const [draft, setDraft] = useState<Draft>(() => ({ ...storedDraft(), ...(given && { selector: given }) }));
  useEffect(() => storeDraft(draft), [draft]);
  return {
    draft,
    change: (part: Partial<Draft>) => setDraft(before => ({ ...before, ...part })),
    clear: () => setDraft(EMPTY_DRAFT),
  };
}

/** Makes the request, which the person's passkey signs, clears the form, and goes to the request's page. */
function useCreate(clear: () => void) {
  const me = useMe();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const create = async (draft: Draft, planId: string | undefined): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await sendRequest(callDraftOf(draft, planId), me.name);
      clear();
      goTo(hrefTo(['requests', id]));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return { create, error, isBusy };
}
