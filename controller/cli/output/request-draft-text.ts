import type { CallDraft, PlanKernel } from '../../../shared/messages/index.ts';
import { printable } from '../../views/index.ts';
import { INDIRECT_CALLS_TEXT, type Paint } from './red-words.ts';
import { numbered } from './request-text.ts';

/**
 * A request that is about to be made: its policy and program, and its hosts by kernel if a plan counted them.
 */
export function renderRequestDraft(
  draft: CallDraft,
  kernels: readonly PlanKernel[],
  paint: Paint = text => text,
): string[] {
  const { policy, effect, selector, program } = draft;
  return [
    `  policy     ${policy}, effect ${effect}`,
    ...(draft.indirectCalls ? [paint(`  pointers   ${INDIRECT_CALLS_TEXT}`)] : []),
    `  hosts      ${printable(selector)}`,
    ...kernels.map(({ release, arch, hosts }) => `    ${hosts}  ${printable(`${release} ${arch}`)}`),
    '',
    ...numbered(printable(program, { lines: true })),
    '',
  ];
}
