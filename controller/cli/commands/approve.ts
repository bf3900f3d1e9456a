import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { digestText, signToken } from '../../../shared/tokens/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import {
  digestHex,
  type ReadRequest,
  readRequestView,
  renderRequest,
  renderStanding,
} from '../output/request-text.ts';
import { cut } from '../output/table.ts';
import { requestToJson } from '../output/to-json.ts';

/** Options of `farcall approve`. */
export interface ApproveOptions extends CommonOptions {
  readonly yes?: boolean;
}

/**
 * Shows what a request says and, after a yes, signs it with the operator's own key, here. The digest that is signed is
 * that of the bytes that were shown.
 */
export async function approve(context: CliContext, id: string, options: ApproveOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const read = readRequestView(await session.client.call('getRequest', { id }), id);
    show(context, read, options);
    if (!options.yes && !(await confirmed(context, read))) {
      context.terminal.warn('Not approved.');
      return EXIT.declined;
    }
    const token = await signApproval(context, session, read);
    const after = readRequestView(await session.client.call('submitApproval', { id, token }), id);
    report(context, after, options);
    return EXIT.ok;
  });
}

function show({ terminal, clock }: CliContext, read: ReadRequest, { json }: ApproveOptions): void {
  // With --json, stdout is for the answer; what is signed is still shown.
  const print = json ? terminal.warn : terminal.print;
  for (const line of [...renderRequest(read, clock.nowMs()), '']) print(line);
  for (const line of renderStanding(read)) print(cut(line, terminal.columns));
  print('');
}

async function confirmed({ terminal }: CliContext, { digest }: ReadRequest): Promise<boolean> {
  if (!terminal.canAsk) {
    throw new FarcallError('CONFIG_INVALID', 'there is no terminal to ask on; --yes approves without asking');
  }
  const answer = await terminal.ask(`Approve exactly this, ${digestHex(digest)}? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

async function signApproval(
  { clock }: CliContext,
  { identity, key }: Session,
  { request, digest }: ReadRequest,
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = Math.ceil(request.expiresAtMs / 1000);
  if (exp <= iat) {
    throw new FarcallError(
      'REQUEST_EXPIRED',
      `request ${request.id} is past its life; nobody can approve it now`,
    );
  }
  return signToken(
    'approval',
    { iss: identity.name, iat, exp, req: digestText(digest), decision: 'approve' },
    key,
  );
}

function report({ terminal }: CliContext, read: ReadRequest, { json }: ApproveOptions): void {
  const { view, request } = read;
  if (json) {
    terminal.print(asciiJson(requestToJson(read)));
    return;
  }
  const { approvers, threshold, state } = view;
  terminal.print(
    `Approved: ${approvers.length} of ${threshold} (${approvers.join(', ')}); request ${request.id} is ${state}.`,
  );
}
