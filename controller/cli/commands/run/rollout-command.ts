import type { Command } from 'commander';
import { asciiJson } from '../../../../shared/json/index.ts';
import type { RequestView } from '../../../../shared/messages/index.ts';
import { type ReadRequest, readRequestView, requestToJson } from '../../../views/index.ts';
import {
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  parseRequestId,
  type Session,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';
import { isConfirmation, showRequest } from '../../interaction/index.ts';
import { renderWaves, statusLine, truncate } from '../../output/index.ts';
import { newestWave, type Preview } from './preview.ts';

/** Options of the commands that control a rollout. */
export interface ActionOptions extends CommonOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** The rollout, reason and wave that an action names. */
export interface RolloutTarget {
  readonly id: string;
  readonly reason: string;
  /** The newest wave that was ordered when the operator looked. The action does not reach a later wave. */
  readonly wave: number;
}

/** One way to control a rollout. */
export interface RolloutControl {
  /** The consequences, and the question about them. An action without a preview needs no confirmation. */
  readonly confirmation?: { readonly preview: (read: ReadRequest) => Preview; readonly question: string };
  /** The line that is printed after the action. */
  readonly done: string;
  readonly send: (client: Session['client'], target: RolloutTarget) => Promise<RequestView>;
}

/** A note in the help of the commands that ask for a confirmation. */
export const CONFIRMATION_NOTE =
  'It shows the waves and hosts that are affected, and asks. For more than 100 hosts you type their number.';

/** Adds the request id, `--reason` and the operator options. */
export function withRolloutAction(command: Command): Command {
  return withOperatorOptions(command)
    .argument('<id>', 'request id', parseRequestId)
    .requiredOption('--reason <text>', 'the reason, for the audit log');
}

/** Like {@link withRolloutAction}, with `--yes`. */
export function withConfirmedAction(command: Command): Command {
  return withRolloutAction(command).option('--yes', 'do not ask, for scripts');
}

/** Controls the rollout of a request: shows the consequences, asks, and sends the action. */
export function controlRollout(
  context: CliContext,
  id: string,
  options: ActionOptions,
  { confirmation, done, send }: RolloutControl,
): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity }) => {
    const { terminal } = context;
    const read = readRequestView(await client.call('getRequest', { id }), id);
    if (confirmation) {
      const { lines, hosts } = confirmation.preview(read);
      showPreview(context, read, lines, options);
      if (!(await isConfirmation(context, options, { text: confirmation.question, identity, hosts }))) {
        terminal.warn('Nothing was changed.');
        return EXIT.declined;
      }
    }
    const target = { id, reason: options.reason, wave: newestWave(read.view) };
    const after = readRequestView(await send(client, target), id);
    if (options.json) terminal.print(asciiJson(requestToJson(after)));
    else for (const line of [done, ...rolloutLines(after, terminal.columns)]) terminal.print(line);
    return EXIT.ok;
  });
}

function showPreview(
  context: CliContext,
  read: ReadRequest,
  lines: readonly string[],
  options: ActionOptions,
): void {
  const { terminal } = context;
  // With --json, stdout is for the answer.
  const print = options.json ? terminal.warn : terminal.print;
  showRequest(context, read, options);
  for (const line of [...rolloutLines(read, terminal.columns), '', ...lines]) print(line);
}

function rolloutLines(read: ReadRequest, width: number): string[] {
  return [truncate(statusLine(read), width), ...renderWaves(read, width)];
}
