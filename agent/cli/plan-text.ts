import { answerText, renderRows } from '../../shared/rows/index.ts';
import type { HostPlan } from '../interpret/index.ts';
import { warningsText } from './report-text.ts';

const ROW_LIMITS = { rows: 100, lineChars: 4096 };

/**
 * A plan for people: what it touches, its steps with their source locations, what it would report, how it
 * would end.
 */
export function planText(plan: HostPlan): string {
  const {
    effect,
    callees,
    indirectCalls,
    answers,
    module,
    steps,
    droppedSteps,
    rows,
    droppedRows,
    ending,
    notes,
  } = plan;
  const lines = [
    `effect: ${effect}`,
    module ? `module: ${module.bytes} bytes, sha256:${module.sha256}` : 'module: none, it is interpreted',
    ...callees.map(({ prototype, address }) => `may call: ${prototype}; at ${address}`),
    ...indirectCalls.map(
      ({ line, column, prototype, permitted }) =>
        `${line}:${column} INDIRECT CALL of what a pointer to ${prototype} holds: one of ${permitted.length} functions`,
    ),
    ...answers.map(each => `${each.line}:${each.column} asks ${answerText(each)}`),
    ...steps.flatMap(({ line, column, kind, text }) => [`${line}:${column} ${kind} ${text}`]),
    ...(droppedSteps > 0 ? [`(${droppedSteps} more calls and writes)`] : []),
    ...renderRows({ rows: [...rows], droppedRows }, ROW_LIMITS).map(row => `row: ${row}`),
    `${ending.kind}: ${ending.text}`,
    ...notes.map(note => `note: ${note}`),
  ];
  return warningsText(plan) + lines.map(line => `${line}\n`).join('');
}
