import type { ReactElement } from 'react';
import type { Effect } from '../../api/index.ts';
import { Icon } from '../../ui/index.ts';
import type { Checked } from './use-check.ts';

const EFFECTS: readonly string[] = ['read', 'call', 'write'];

/** What a check found, each a way to its place. */
export function ProblemList({
  checked,
  effect,
  onGoTo,
  onEffect,
}: {
  readonly checked: Checked;
  readonly effect: Effect;
  readonly onGoTo: (place: { line: number; column: number }) => void;
  readonly onEffect: (effect: Effect) => void;
}): ReactElement {
  const { check, error, isBusy } = checked;
  const found = check?.diagnostics ?? [];
  const does = check?.effect;
  return (
    <div className="problems">
      <div className="problems-state" role="status">
        {error ? (
          <span className="muted">
            Not checked as you type: {error.message} <code>{error.code}</code>
          </span>
        ) : !check ? (
          <span className="muted">
            {isBusy ? 'Checking …' : 'Type a program; it is checked as you type.'}
          </span>
        ) : found.length === 0 ? (
          <span className="tone-ok outcome">
            <Icon name="check" size={14} /> Compiles on this kernel
            {check.resultType ? `, gives ${check.resultType}` : ''}
          </span>
        ) : (
          <span className="tone-bad outcome">
            <Icon name="cross" size={14} /> {found.length} {found.length === 1 ? 'problem' : 'problems'}
          </span>
        )}
      </div>
      <ul>
        {found.map(({ severity, line, column, message, code }) => (
          <li key={`${line}:${column}:${message}`}>
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
        ))}
      </ul>
      {does && EFFECTS.indexOf(does) > EFFECTS.indexOf(effect) && (
        <p className="small-text tone-held outcome">
          It does more than effect {effect} allows.
          <button type="button" className="button small" onClick={() => onEffect(does as Effect)}>
            Set effect {does}
          </button>
        </p>
      )}
      {check?.callees && check.callees.length > 0 && (
        <ul className="callees" aria-label="Functions that it calls">
          {check.callees.map(prototype => (
            <li key={prototype}>
              <code>{prototype}</code>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
