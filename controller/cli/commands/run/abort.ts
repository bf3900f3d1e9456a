import { FarcallError } from '../../../../shared/errors/index.ts';
import { digestText, signToken } from '../../../../shared/tokens/index.ts';
import { readRequestView, requestToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withSession,
  withSigningOptions,
} from '../../core/index.ts';
import { type ConfirmOptions, isConfirmed, showRequest } from '../../interaction/index.ts';

interface AbortOptions extends ConfirmOptions {
  readonly reason: string;
}

/** `farcall abort`. */
export const addAbort: AddCommand = (parent, context, exitWith) => {
  const command = withSigningOptions(parent.command('abort'))
    .summary('stop a request on hosts that have not started it')
    .description('Stops a request on every host that has not started it. Calls that already run go on.')
    .requiredOption('--reason <text>', 'the reason, which is signed too');
  addHelp(command, {
    notes: [
      'The requester and every approver may abort a request. Each host verifies the abort itself, and remembers it.',
    ],
    examples: [
      "abort 7k2m9x4qw8rt --reason 'web-1 hangs'",
      "abort 7k2m9x4qw8rt --reason 'web-1 hangs' --yes",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: AbortOptions) => exitWith(await abort(context, id, options)));
};

async function abort(context: CliContext, id: string, options: AbortOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity, key }) => {
    const { terminal, clock } = context;
    const read = readRequestView(await client.call('getRequest', { id }), id);
    showRequest(context, read, options);
    if (!(await isConfirmed(context, read, { options, prompt: { text: 'Abort', identity } }))) {
      terminal.warn('Not aborted.');
      return EXIT.declined;
    }
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = Math.ceil(read.request.expiresAtMs / 1000);
    if (exp <= iat) throw new FarcallError('REQUEST_EXPIRED', `request ${id} has expired`);
    const { name: iss, site } = identity;
    const claims = { iss, site, iat, exp, req: digestText(read.digest), reason: options.reason };
    const token = await signToken('abort', claims, key);
    const after = readRequestView(await client.call('abortRequest', { id, token }), id);
    if (options.json) terminal.print(JSON.stringify(requestToJson(after)));
    else terminal.print(`Aborted; request ${id} is ${after.view.state}. Calls that already run go on.`);
    return EXIT.ok;
  });
}
