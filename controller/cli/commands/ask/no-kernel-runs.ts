import type { KernelProblem } from '../../../../shared/messages/index.ts';
import { printable, type ReadPlan } from '../../../views/index.ts';
import { isConfirmation } from '../../interaction/index.ts';
import { wrapValue } from '../../output/index.ts';
import type { CliContext, Session } from '../../session/index.ts';

/** What is known of a program before its request is made. */
interface Foreknowledge {
  readonly plan: ReadPlan | undefined;
  /** Why it compiles on none of the kernels that the controller knows. */
  readonly problems: readonly KernelProblem[];
  readonly yes?: boolean | undefined;
}

/**
 * Whether to make a request although every host of its plan would refuse it, or it compiles on no kernel that
 * the controller knows: says why, and asks. True at once if somebody would run it, or nothing is known.
 */
export async function isWorthAsking(
  context: CliContext,
  { identity }: Pick<Session, 'identity'>,
  { plan, problems, yes }: Foreknowledge,
): Promise<boolean> {
  const { terminal } = context;
  const lines = plan && plan.replies.size > 0 ? refusalsOf(plan) : problems.map(problemText);
  if (lines.length === 0) return true;
  terminal.warn('No kernel that is known would run this:');
  for (const line of [...new Set(lines)].slice(0, LINES_SHOWN))
    for (const row of wrapValue(`  ${printable(line)}`, { columns: terminal.columns, hang: 4 }))
      terminal.warn(row);
  return isConfirmation(context, { yes: yes ?? false }, { text: 'Make the request nevertheless', identity });
}

const LINES_SHOWN = 5;

/** Why each host would not run the program; empty if one of them would, or does not say. */
function refusalsOf({ replies }: ReadPlan): readonly string[] {
  const reasons = [...replies].map(([host, { error, refusals }]) => {
    const [first] = error ? [error] : refusals;
    return first && `${host}: ${first.message.split('\n')[0]}`;
  });
  const known = reasons.filter(reason => reason !== undefined);
  return known.length === reasons.length ? known : [];
}

function problemText({ kernel, message }: KernelProblem): string {
  return `${kernel}: ${message.split('\n')[0]}`;
}
