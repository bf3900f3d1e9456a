import type { ReactElement } from 'react';
import type { SelectionJson } from '../../api/index.ts';
import { hosts } from '../../text/index.ts';
import { Choice, FormField, KernelCounts } from '../../ui/index.ts';
import type { Draft, FieldErrors } from './draft.ts';
import { TextField } from './text-field.tsx';
import type { Selection } from './use-selection.ts';

/** Kernels that are shown before the rest is counted. */
const KERNELS_SHOWN = 8;

const EFFECTS = [
  { value: 'read', text: 'read', hint: 'It reads memory, and loads no module.' },
  { value: 'watch', text: 'watch', hint: 'It may put probes at the entry of functions, for a time.' },
  { value: 'call', text: 'call', hint: 'It may call functions of the kernel.' },
  {
    value: 'write',
    text: 'write',
    hint: 'It may write kernel memory. Hosts refuse writes with any lower effect.',
  },
] as const;

const POLICIES = [
  { value: 'standard', text: 'standard', hint: 'The usual number of approvals.' },
  {
    value: 'emergency',
    text: 'emergency',
    hint: 'The number of approvals that the trust bundle sets for emergencies.',
  },
] as const;

interface PanelProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

/** The selector, and the hosts that it matches, counted while it is typed. */
export function HostsPanel({
  draft,
  change,
  selection,
  problem,
}: PanelProps & { readonly selection: Selection; readonly problem: string | undefined }): ReactElement {
  const { selection: matched, error, isBusy } = selection;
  return (
    <section className="panel" aria-labelledby="which-hosts">
      <div className="panel-head">
        <h2 id="which-hosts">Hosts</h2>
        <small className="host-count" role="status">
          {matched ? <b>{hosts(matched.hosts)}</b> : isBusy ? 'counting …' : ''}
        </small>
      </div>
      <FormField
        label="Selector"
        problem={error ? `${error.message} (${error.code})` : problem}
        hint="Labels and facts: env=prod,kernel~6.1 · host=web-* · @web-1,@web-2 · *"
      >
        {attributes => (
          <textarea
            {...attributes}
            className="mono"
            rows={2}
            value={draft.selector}
            spellCheck={false}
            onChange={event => change({ selector: event.target.value })}
          />
        )}
      </FormField>
      <div className="kernels-room">{matched && <Matched {...matched} />}</div>
    </section>
  );
}

function Matched({ hosts: count, kernels }: SelectionJson): ReactElement {
  if (count === 0)
    return <p className="outcome tone-held">No host matches. A request needs at least one host.</p>;
  return (
    <>
      <KernelCounts isShort kernels={kernels.slice(0, KERNELS_SHOWN)} />
      {kernels.length > KERNELS_SHOWN && (
        <p className="muted small-text">… {kernels.length - KERNELS_SHOWN} more kernels</p>
      )}
    </>
  );
}

/** Reason, effect, policy, and time limits. */
export function TermsPanel({
  draft,
  change,
  errors,
}: PanelProps & { readonly errors: FieldErrors }): ReactElement {
  return (
    <section className="panel" aria-labelledby="terms">
      <h2 id="terms">Terms</h2>
      <FormField label="Reason" problem={errors.reason} hint="Approvers read it, and sign it.">
        {attributes => (
          <textarea
            {...attributes}
            rows={2}
            value={draft.reason}
            maxLength={4096}
            onChange={event => change({ reason: event.target.value })}
          />
        )}
      </FormField>
      <Choice label="Effect" value={draft.effect} onChange={effect => change({ effect })} options={EFFECTS} />
      <Choice
        label="Policy"
        value={draft.policy}
        onChange={policy => change({ policy })}
        options={POLICIES}
      />
      <div className="pair">
        <TextField
          label="Good for"
          problem={errors.lifetime}
          hint="No host starts it later."
          value={draft.lifetime}
          onChange={lifetime => change({ lifetime })}
        />
        <TextField
          label="Timeout"
          problem={errors.timeout}
          hint="Longest run on a host."
          value={draft.timeout}
          onChange={timeout => change({ timeout })}
        />
      </div>
      <TextField
        label="Turns of loops"
        problem={errors.fuel}
        hint="All loops together. Hosts allow 10,000,000, or what their own policy says: a plan shows who refuses more."
        placeholder="10,000,000"
        value={draft.fuel}
        onChange={fuel => change({ fuel })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={draft.lateJoiners}
          onChange={event => change({ lateJoiners: event.target.checked })}
        />
        Hosts that are enrolled later may run it too
      </label>
    </section>
  );
}
