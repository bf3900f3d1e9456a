import { FarcallError } from '../../../shared/errors/index.ts';
import { digestText, signToken } from '../../../shared/tokens/index.ts';
import { readRequestView, requestToJson } from '../../views/index.ts';
import { type CliContext, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ConfirmOptions, isConfirmed, showRequest } from './confirm.ts';

/** Options of `farcall abort`. */
export interface AbortOptions extends ConfirmOptions {
  readonly reason: string;
}

/** Stops a request on every host that has not started it; calls that run are not ended. */
export async function abort(context: CliContext, id: string, options: AbortOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity, key }) => {
    const { terminal, clock } = context;
    const read = readRequestView(await client.call('getRequest', { id }), id);
    showRequest(context, read, options);
    if (!(await isConfirmed(context, read, { options, question: { text: 'Abort', identity } }))) {
      terminal.warn('Not aborted.');
      return EXIT.declined;
    }
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = Math.ceil(read.request.expiresAtMs / 1000);
    if (exp <= iat) throw new FarcallError('REQUEST_EXPIRED', `request ${id} is past its life`);
    const claims = { iss: identity.name, iat, exp, req: digestText(read.digest), reason: options.reason };
    const token = await signToken('abort', claims, key);
    const after = readRequestView(await client.call('abortRequest', { id, token }), id);
    if (options.json) terminal.print(JSON.stringify(requestToJson(after)));
    else
      terminal.print(`Aborted; request ${id} is ${after.view.state}. Calls that run already are not ended.`);
    return EXIT.ok;
  });
}
