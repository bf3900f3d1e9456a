import type { CallDraft, PlanKernel } from '../../../shared/messages/index.ts';
import { printable } from '../../views/index.ts';
import { numbered } from './request-text.ts';

/** What is about to be asked for: policy, hosts by kernel where a plan told of them, and the program. */
export function draftText(draft: CallDraft, kernels: readonly PlanKernel[]): string[] {
  const { policy, effect, selector, program } = draft;
  return [
    `  policy     ${policy}, effect ${effect}`,
    `  hosts      ${printable(selector)}`,
    ...kernels.map(({ release, arch, hosts }) => `    ${hosts}  ${printable(`${release} ${arch}`)}`),
    '',
    ...numbered(printable(program, { lines: true })),
    '',
  ];
}
