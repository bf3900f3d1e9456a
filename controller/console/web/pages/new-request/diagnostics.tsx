import type { ReactElement } from 'react';
import type { CheckJson, DiagnosticJson } from '../../api/index.ts';
import type { SourceLocation } from '../../editor/index.ts';
import { exceedsEffect } from '../../signed/index.ts';
import { Icon } from '../../ui/index.ts';
import type { Draft } from './draft.ts';
import type { Checked } from './use-check.ts';

/** The diagnostics of the program. A click on one goes to its source location. */
export function Diagnostics({
  checked,
  draft: { effect, indirectCalls },
  onGoTo,
  change,
}: {
  readonly checked: Checked;
  readonly draft: Pick<Draft, 'effect' | 'indirectCalls'>;
  readonly onGoTo: (location: SourceLocation) => void;
  readonly change: (part: Partial<Draft>) => void;
}): ReactElement {
  const { check } = checked;
  const needed = check?.effect;
  return (
    <div className="problems">
      <div className="problems-state" role="status">
        <CheckStatus checked={checked} />
      </div>
      <ul>
        {check?.diagnostics.map(diagnostic => (
          <Diagnostic
            key={`${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`}
            {...{ diagnostic, onGoTo }}
          />
        ))}
      </ul>
      {needed && exceedsEffect(needed, effect) && (
        <p className="small-text tone-held outcome">
          It does more than effect {effect} allows.
          <button type="button" className="button small" onClick={() => change({ effect: needed })}>
            Set effect {needed}
          </button>
        </p>
      )}
      {check?.indirectCalls && !indirectCalls && (
        <p className="small-text tone-bad outcome">
          It calls functions through pointers, and hosts refuse that unless the request declares it.
          <button type="button" className="button small" onClick={() => change({ indirectCalls: true })}>
            Declare indirect calls
          </button>
        </p>
      )}
      {check && check.callees.length > 0 && <Callees check={check} />}
    </div>
  );
}

function CheckStatus({ checked: { check, error, isBusy } }: { readonly checked: Checked }): ReactElement {
  if (error)
    return (
      <span className="muted">
        Not checked as you type: {error.message} <code>{error.code}</code>
      </span>
    );
  if (!check)
    return (
      <span className="muted">{isBusy ? 'Checking …' : 'Type a program; it is checked as you type.'}</span>
    );
  const count = check.diagnostics.length;
  if (count === 0)
    return (
      <span className="tone-ok outcome">
        <Icon name="check" size={14} /> Compiles on this kernel
        {check.resultType ? `, gives ${check.resultType}` : ''}
      </span>
    );
  return (
    <span className="tone-bad outcome">
      <Icon name="cross" size={14} /> {count} {count === 1 ? 'problem' : 'problems'}
    </span>
  );
}

function Diagnostic({
  diagnostic: { severity, line, column, message, code },
  onGoTo,
}: {
  readonly diagnostic: DiagnosticJson;
  readonly onGoTo: (location: SourceLocation) => void;
}): ReactElement {
  return (
    <li>
      <button
        type="button"
        className={`problem tone-${severity === 'error' ? 'bad' : 'held'}`}
        onClick={() => onGoTo({ line, column })}
      >
        <span className="problem-place">
          {line}:{column}
        </span>
        <span>{message}</span>
        {code && <code>{code}</code>}
      </button>
    </li>
  );
}

function Callees({ check }: { readonly check: CheckJson }): ReactElement {
  return (
    <ul className="callees" aria-label="Functions that it calls">
      {check.callees.map(prototype => (
        <li key={prototype}>
          <code>{prototype}</code>
        </li>
      ))}
    </ul>
  );
}
