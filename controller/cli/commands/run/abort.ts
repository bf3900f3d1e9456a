import { FarcallError, toFarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { FINAL_STATES } from '../../../../shared/messages/index.ts';
import { digestText, signToken } from '../../../../shared/tokens/index.ts';
import { type ReadRequest, readRequestView, requestToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  findRequest,
  REMOTE_EXITS,
  withSigningOptions,
} from '../../core/index.ts';
import { type ConfirmOptions, isConfirmed, printStatus, showRequest } from '../../interaction/index.ts';
import { abortProgress } from '../../output/index.ts';
import { type CliContext, type Session, withSession } from '../../session/index.ts';

interface AbortOptions extends ConfirmOptions {
  readonly reason: string;
}

/** `farcall abort`. */
export const addAbort: AddCommand = (parent, context, exitWith) => {
  const command = withSigningOptions(parent.command('abort'))
    .summary('stop a request where it has not started, end its denies')
    .description(
      'Stops a request on every host that has not started it, and ends what it denies. Calls that already run go on.',
    )
    .requiredOption('--reason <text>', 'the reason, which is signed too');
  addHelp(command, {
    notes: [
      'The requester and every approver may abort a request. Each host verifies the abort itself, remembers it, and',
      'signs that it obeys. The command waits for the hosts, at most five seconds, and names those that are silent.',
    ],
    examples: [
      "abort 7k2m9x4qw8rt --reason 'web-1 hangs'",
      "abort 7k2m9x4qw8rt --reason 'web-1 hangs' --yes",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined, EXIT.unfinished],
    exitMeanings: {
      [EXIT.ok]: 'aborted; every host that was ordered has ended, or has signed that it will not begin',
      [EXIT.unfinished]: 'aborted; some hosts have not said yet that they obey it',
    },
  }).action(async (id: string, options: AbortOptions) => exitWith(await abort(context, id, options)));
};

async function abort(context: CliContext, typed: string, options: AbortOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { client, identity, key } = session;
    const { terminal, clock } = context;
    const read = await findRequest(session, typed);
    const { id } = read.request;
    showRequest(context, read, options);
    if (!(await isConfirmed(context, read, { options, prompt: { text: 'Abort', identity } }))) {
      terminal.warn('Not aborted.');
      return EXIT.declined;
    }
    const iat = Math.floor(clock.nowMs() / 1000);
    const { expiresAtMs, effect } = read.request;
    // Denies outlive their request, and hosts that are away now hear of it later.
    const exp = effect === 'deny' ? iat + ABORT_LIFE_S : Math.ceil(expiresAtMs / 1000);
    if (exp <= iat) throw new FarcallError('REQUEST_EXPIRED', `request ${id} has expired`);
    const { name: iss, site } = identity;
    const claims = { iss, site, iat, exp, req: digestText(read.digest), reason: options.reason };
    const token = await signToken('abort', claims, key);
    const taken = readRequestView(await client.call('abortRequest', { id, token }), id);
    await printStatus(context, session, id);
    const after = await obeyed(client, taken);
    const { state, abort: progress } = after.view;
    if (options.json) terminal.print(asciiJson(requestToJson(after)));
    else {
      const running = isOver(after) ? '' : ' Calls that already run go on.';
      terminal.print(`Aborted; request ${id} is ${state}.${running}`);
      for (const line of progress ? abortProgress(progress) : []) terminal.print(line);
      if (!isOver(after)) terminal.print(`To follow it: farcall watch ${id}`);
    }
    return isOver(after) ? EXIT.ok : EXIT.unfinished;
  });
}

/** As long as a token of an abort may live: as long as a deny. */
const ABORT_LIFE_S = 30 * 24 * 3600;

/** How long the command waits for what hosts say. A host that is connected says it within a second. */
const WAIT_MS = 5000;

/** The request once it is over, or as it is after {@link WAIT_MS}. */
async function obeyed(client: Session['client'], taken: ReadRequest): Promise<ReadRequest> {
  if (isOver(taken)) return taken;
  const { id } = taken.request;
  const late = AbortSignal.timeout(WAIT_MS);
  let after = taken;
  try {
    for await (const { request } of client.stream('watchRequest', { id, follow: true }, 2 * WAIT_MS, late))
      if (request) after = readRequestView(request, id);
  } catch (thrown) {
    // The abort is stored and signed; that nobody can be heard now does not undo it.
    if (!late.aborted && toFarcallError(thrown).code !== 'UNREACHABLE') throw thrown;
  }
  return after;
}

function isOver({ view }: ReadRequest): boolean {
  return FINAL_STATES.includes(view.state);
}
