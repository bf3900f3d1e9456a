import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import type { RequestView, RolloutActionName } from '../../../../shared/messages/index.ts';
import type { Outcome } from '../../../../shared/outcome/index.ts';
import { digestText } from '../../../../shared/tokens/index.ts';
import { type ReadRequest, readRequestView, requestToJson } from '../../../views/index.ts';
import {
  checkedReason,
  EXIT,
  type ExitCode,
  findRequest,
  parseRequestId,
  signNow,
  withOperatorOptions,
} from '../../core/index.ts';
import { isConfirmation, showRequest } from '../../interaction/index.ts';
import { renderWaves, statusLine, wrapValue } from '../../output/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';
import { newestWave, type Preview } from './preview.ts';

/** Options of the commands that control a rollout. */
export interface ActionOptions extends CommonOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** One way to control a rollout. */
export interface RolloutControl {
  /** The consequences, and the question about them. An action without a preview needs no confirmation. */
  readonly confirmation?: { readonly preview: (read: ReadRequest) => Preview; readonly question: string };
  /**
   * The line that is printed after the action, by the controller's reply: what is so now, and not what was
   * asked for.
   */
  readonly done: (after: RequestView) => string;
  readonly action: RolloutActionName;
  /** The outcomes of the hosts that a retry is for. */
  readonly only?: readonly Outcome[];
}

/** A note in the help of the commands that ask for a confirmation. */
export const CONFIRMATION_NOTE =
  'It shows the waves and hosts that are affected, and asks. For more than 100 hosts you type their number.';

/** Adds the request id, `--reason` and the operator options. */
export function withRolloutAction(command: Command): Command {
  return withOperatorOptions(command)
    .argument('<id>', 'request id, or its first letters', parseRequestId)
    .requiredOption('--reason <text>', 'the reason, which is signed too');
}

/** Like {@link withRolloutAction}, with `--yes`. */
export function withConfirmedAction(command: Command): Command {
  return withRolloutAction(command).option('--yes', 'do not ask, for scripts');
}

/** Controls the rollout of a request: shows the consequences, asks, signs the action and sends it. */
export function controlRollout(
  context: CliContext,
  typed: string,
  options: ActionOptions,
  { confirmation, done, ...wish }: RolloutControl,
): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { client, identity } = session;
    const { terminal } = context;
    const read = await findRequest(session, typed);
    const { id } = read.request;
    if (confirmation) {
      const { lines, hosts, impossible } = confirmation.preview(read);
      // Words after the fact: what will be refused is not announced, and nobody is asked about it.
      if (impossible !== undefined) throw new FarcallError('CONFLICT', impossible);
      showPreview(context, read, lines, options);
      if (!(await isConfirmation(context, options, { text: confirmation.question, identity, hosts }))) {
        terminal.warn('Nothing was changed.');
        return EXIT.declined;
      }
    }
    const token = await signAction(context, session, read, { ...wish, reason: options.reason });
    const after = readRequestView(await client.call('submitAction', { id, token }), id);
    if (options.json) terminal.print(asciiJson(requestToJson(after)));
    else
      for (const line of [done(after.view), ...rolloutLines(after, terminal.columns)]) terminal.print(line);
    return EXIT.ok;
  });
}

/**
 * The operator's signature for an action. It names the newest wave that was ordered when the operator looked,
 * so that it does not reach a later one; but a pause is for whichever wave runs.
 */
function signAction(
  context: CliContext,
  session: Session,
  { view, digest }: ReadRequest,
  { action, only, reason }: Pick<RolloutControl, 'action' | 'only'> & { readonly reason: string },
): Promise<string> {
  const wave = action === 'pause' ? 0 : newestWave(view);
  const what = { req: digestText(digest), action, wave, ...(only && { only: [...only] }) };
  return signNow(context, session, 'action', { jti: randomUUID(), ...what, reason: checkedReason(reason) });
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
  return [...wrapValue(statusLine(read), { columns: width, hang: 2 }), ...renderWaves(read, width)];
}
