import type { ReactElement, ReactNode } from 'react';
import { answerText } from '../../../../../shared/rows/index.ts';
import type { PlanReplyJson } from '../../api/index.ts';
import { count, visible } from '../../text/index.ts';
import { EffectBadge } from '../../ui/index.ts';

/** Calls and writes, and rows, that are shown of one reply. */
const STEPS_SHOWN = 40;
const ROWS_SHOWN = 8;
const DIGEST_CHARS = 16;

/** The reply of one host; `hosts` names the hosts that gave this reply, if it is one of several. */
export function PlanReply({
  hosts,
  reply,
}: {
  readonly hosts: readonly string[];
  readonly reply: PlanReplyJson;
}): ReactElement {
  const { error, refusals, effect, ending, module, warnings, notes, answers } = reply;
  return (
    <div className="plan-answer">
      {hosts.length > 0 && <p className="muted small-text">{hosts.join(', ')} replied:</p>}
      {error && (
        <pre className="plan-error">
          {error.message}
          {'\n'}
          <b>{error.code}</b>
        </pre>
      )}
      {refusals.map(({ code, message }) => (
        <p key={message} className="outcome tone-bad wrap">
          {message} <code>{code}</code>
        </p>
      ))}
      {effect && (
        <p className="small-text">
          effect <EffectBadge effect={effect} />
        </p>
      )}
      {answers.map(each => (
        <p key={each.question} className="small-text">
          asks <code>{answerText(each)}</code>
        </p>
      ))}
      <PlanParts reply={reply} />
      {ending && (
        <p className="small-text">
          ends <code>{ending.kind === 'depends' ? ending.text : `${ending.kind} ${ending.text}`}</code>
        </p>
      )}
      {module && (
        <p className="small-text">
          module of {count(module.sizeBytes)} bytes{' '}
          <code className="muted break">sha256:{module.sha256.slice(0, DIGEST_CHARS)}…</code>
        </p>
      )}
      {warnings.map(({ line, column, message }) => (
        <p key={message} className="outcome tone-held wrap">
          {line}:{column} {message}
        </p>
      ))}
      {notes.map(note => (
        <p key={note} className="muted small-text">
          {note}
        </p>
      ))}
    </div>
  );
}

/** The lists of a reply: called functions, calls and writes, and rows. */
function PlanParts({ reply }: { readonly reply: PlanReplyJson }): ReactElement {
  const { callees, indirectCalls, steps, droppedSteps, rows } = reply;
  const hiddenSteps = steps.length - STEPS_SHOWN + droppedSteps;
  return (
    <>
      {callees.length > 0 && (
        <Part title="Functions">
          {callees.map(({ prototype, module }) => (
            <li key={prototype}>
              <code>{visible(prototype)}</code>
              {module && <span className="muted"> of {module}</span>}
            </li>
          ))}
        </Part>
      )}
      {indirectCalls.length > 0 && (
        <Part title="Indirect calls">
          {indirectCalls.map(call => (
            <li key={`${call.line}:${call.column}`} className="outcome tone-bad wrap">
              {call.line}:{call.column} calls what a pointer to <code>{visible(call.prototype)}</code> holds:{' '}
              {permittedText(call)}
            </li>
          ))}
        </Part>
      )}
      {steps.length > 0 && (
        <Part title="Calls and writes">
          {steps.slice(0, STEPS_SHOWN).map(({ kind, line, column, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a step
            <li key={index}>
              <span className="muted">
                {line}:{column}
              </span>{' '}
              <b className={kind === 'write' ? 'effect-write' : ''}>{kind}</b> <code>{visible(text)}</code>
            </li>
          ))}
          {hiddenSteps > 0 && <li className="muted">… {count(hiddenSteps)} more</li>}
        </Part>
      )}
      {rows.length > 0 && (
        <Part title="Rows">
          {rows.slice(0, ROWS_SHOWN).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a row
            <li key={index}>
              <code>{visible(row)}</code>
            </li>
          ))}
        </Part>
      )}
    </>
  );
}

function permittedText({
  permitted,
  droppedPermitted,
}: Pick<PlanReplyJson['indirectCalls'][number], 'permitted' | 'droppedPermitted'>): string {
  if (permitted.length === 0) return 'none that the host permits';
  const more = droppedPermitted > 0 ? `, … ${count(droppedPermitted)} more` : '';
  return `${visible(permitted.join(', '))}${more}`;
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="plan-part">
      <h3>{title}</h3>
      <ul>{children}</ul>
    </div>
  );
}
