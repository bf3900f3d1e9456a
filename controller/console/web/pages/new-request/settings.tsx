import type { ReactElement } from 'react';
import { hosts } from '../../text/index.ts';
import { Choice, Field, KernelCounts } from '../../ui/index.ts';
import type { Draft, Problems } from './draft.ts';
import type { Selection } from './use-selection.ts';

/** Kernels that are shown before the rest is counted. */
const KERNELS_SHOWN = 8;

interface PanelProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

/** Which hosts, counted as one types. */
export function HostsPanel({
  draft,
  change,
  selection,
  problem,
}: PanelProps & { readonly selection: Selection; readonly problem: string | undefined }): ReactElement {
  const { selection: found, error, isBusy } = selection;
  return (
    <section className="panel" aria-labelledby="which-hosts">
      <div className="panel-head">
        <h2 id="which-hosts">Hosts</h2>
        <small className="host-count" role="status">
          {found ? <b>{hosts(found.hosts)}</b> : isBusy ? 'counting …' : ''}
        </small>
      </div>
      <Field
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
      </Field>
      <div className="kernels-room">
        {found?.hosts === 0 && (
          <p className="outcome tone-held">No host matches; a request for nobody cannot be made.</p>
        )}
        {found && found.hosts > 0 && (
          <>
            <KernelCounts isShort kernels={found.kernels.slice(0, KERNELS_SHOWN)} />
            {found.kernels.length > KERNELS_SHOWN && (
              <p className="muted small-text">… {found.kernels.length - KERNELS_SHOWN} more kernels</p>
            )}
          </>
        )}
      </div>
    </section>
  );
}

/** Why, how much it may do, by whose word, and how long. */
export function TermsPanel({
  draft,
  change,
  problems,
}: PanelProps & { readonly problems: Problems }): ReactElement {
  return (
    <section className="panel" aria-labelledby="terms">
      <h2 id="terms">Terms</h2>
      <Field label="Reason" problem={problems.reason} hint="Approvers read it, and sign it.">
        {attributes => (
          <textarea
            {...attributes}
            rows={2}
            value={draft.reason}
            maxLength={4096}
            onChange={event => change({ reason: event.target.value })}
          />
        )}
      </Field>
      <Choice
        label="Effect"
        value={draft.effect}
        onChange={effect => change({ effect })}
        options={[
          { value: 'read', text: 'read', hint: 'It reads memory, and loads no module.' },
          { value: 'call', text: 'call', hint: 'It may call functions of the kernel.' },
          {
            value: 'write',
            text: 'write',
            hint: 'It may write kernel memory. Hosts refuse writes from anything less.',
          },
        ]}
      />
      <Choice
        label="Policy"
        value={draft.policy}
        onChange={policy => change({ policy })}
        options={[
          { value: 'standard', text: 'standard', hint: 'The usual number of approvals.' },
          {
            value: 'emergency',
            text: 'emergency',
            hint: 'The number that the trust bundle has for emergencies.',
          },
        ]}
      />
      <div className="pair">
        <Field label="Good for" problem={problems.lifetime} hint="No host starts it later.">
          {attributes => (
            <input
              {...attributes}
              className="mono"
              value={draft.lifetime}
              onChange={event => change({ lifetime: event.target.value })}
            />
          )}
        </Field>
        <Field label="Timeout" problem={problems.timeout} hint="Longest run on a host.">
          {attributes => (
            <input
              {...attributes}
              className="mono"
              value={draft.timeout}
              onChange={event => change({ timeout: event.target.value })}
            />
          )}
        </Field>
      </div>
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
