import { FarcallError } from '../../../../shared/errors/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../../../shared/outcome/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, REMOTE_EXITS } from '../../core/index.ts';
import type { CliContext } from '../../session/index.ts';
import { retryPreview } from './preview.ts';
import {
  type ActionOptions,
  CONFIRMATION_NOTE,
  controlRollout,
  withConfirmedAction,
} from './rollout-command.ts';

interface RetryOptions extends ActionOptions {
  readonly only: string;
}

/** `farcall retry`. */
export const addRetry: AddCommand = (parent, context, exitWith) => {
  const command = withConfirmedAction(parent.command('retry'))
    .summary('order a request again on hosts where nothing ran')
    .description('Orders a request again on hosts where nothing ran. The results go into the same report.')
    .requiredOption('--only <outcomes>', 'the outcomes of these hosts, such as unreachable,load-error');
  addHelp(command, {
    notes: [CONFIRMATION_NOTE],
    examples: [
      "retry 7k2m9x4qw8rt --only unreachable,load-error --reason 'modules.sig_enforce is off now'",
      'retry 7k2m9x4qw8rt --only unreachable --reason back --yes --json',
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: RetryOptions) => exitWith(await retry(context, id, options)));
};

async function retry(context: CliContext, id: string, options: RetryOptions): Promise<ExitCode> {
  const only = outcomesOf(options.only);
  return controlRollout(context, id, options, {
    confirmation: { preview: read => retryPreview(read, only), question: 'Try again' },
    done: ({ rollout }) => `Attempt ${rollout?.attempt ?? 1} is made.`,
    action: 'retry',
    only,
  });
}

function outcomesOf(text: string): readonly Outcome[] {
  const names = [...new Set(text.split(',').map(name => name.trim()))];
  const unknown = names.find(name => !(OUTCOME_NAMES as readonly string[]).includes(name));
  if (unknown === undefined) return names as Outcome[];
  throw new FarcallError(
    'CONFIG_INVALID',
    `--only: '${unknown}' is not an outcome; the outcomes are ${OUTCOME_NAMES.join(', ')}`,
  );
}
