import type { CallRequest, PlanKernel } from '../../../shared/messages/index.ts';
import { printable } from '../../views/index.ts';
import { INDIRECT_CALLS_TEXT, type Paint } from './red-words.ts';
import { numbered } from './request-text.ts';
import { wrapValue } from './wrap.ts';

/**
 * A request that is about to be made: its policy and program, and its hosts by kernel if a plan counted them.
 */
export function renderRequestDraft(
  draft: Pick<CallRequest, 'policy' | 'effect' | 'selector' | 'program' | 'indirectCalls'>,
  kernels: readonly PlanKernel[],
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): string[] {
  const { policy, effect, selector, program } = draft;
  const lines = [
    `  policy     ${policy}, effect ${effect}`,
    `  hosts      ${printable(selector)}`,
    ...kernels.map(({ release, arch, hosts }) => `    ${hosts}  ${printable(`${release} ${arch}`)}`),
  ];
  const wrapped = (line: string): string[] => wrapValue(line, { columns, hang: 13 });
  return [
    ...lines.flatMap(wrapped),
    ...(draft.indirectCalls ? wrapped(`  pointers   ${INDIRECT_CALLS_TEXT}`).map(paint) : []),
    '',
    ...numbered(printable(program, { lines: true }), columns),
    '',
  ];
}
