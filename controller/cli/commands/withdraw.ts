import { FarcallError } from '../../../shared/errors/index.ts';
import {
  digestText,
  keyId,
  publicKeyOf,
  signToken,
  tokenDigest,
  verifyToken,
} from '../../../shared/tokens/index.ts';
import { type ReadRequest, readRequestView, requestToJson } from '../../views/index.ts';
import { type CliContext, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ConfirmOptions, isConfirmed, showRequest } from './confirm.ts';

/** Takes the operator's own approval or rejection back, as long as nothing was ordered. */
export async function withdraw(context: CliContext, id: string, options: ConfirmOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const read = readRequestView(await session.client.call('getRequest', { id }), id);
    const own = ownDecision(session, read);
    showRequest(context, read, options);
    const text = `Withdraw your ${own.decision === 'approve' ? 'approval' : 'rejection'} of`;
    const question = { text, identity: session.identity };
    if (!(await isConfirmed(context, read, { options, question }))) {
      context.terminal.warn('Not withdrawn.');
      return EXIT.declined;
    }
    const token = await signWithdrawal(context, session, { read, decision: own.token });
    const after = readRequestView(await session.client.call('withdrawApproval', { id, token }), id);
    if (options.json) context.terminal.print(JSON.stringify(requestToJson(after)));
    else context.terminal.print(`Withdrawn; request ${id} is ${after.view.state}.`);
    return EXIT.ok;
  });
}

function ownDecision({ identity }: Session, { view, request }: ReadRequest) {
  const own = view.decisions.find(each => each.approver === identity.name && !each.withdrawn);
  if (own) return own;
  throw new FarcallError('NOT_FOUND', `${identity.name} has not decided about request ${request.id}`);
}

/**
 * Threat: a controller that shows somebody's other token makes a person withdraw what they did not mean. What
 * is withdrawn must be signed by that person's own key, about these very bytes.
 */
async function signWithdrawal(
  { clock }: CliContext,
  { identity, key }: Session,
  { read, decision }: { readonly read: ReadRequest; readonly decision: string },
): Promise<string> {
  const nowMs = clock.nowMs();
  const owner = { owner: identity.name, key: publicKeyOf(key.publicJwk) };
  const keyring = new Map([[keyId(key.publicJwk), owner]]);
  const { claims } = await verifyToken('approval', decision, { keyring, nowMs });
  const req = digestText(read.digest);
  if (claims.req !== req)
    throw new FarcallError('TOKEN_CLAIMS', 'the controller names a decision about another request as yours');
  const times = { iat: Math.floor(nowMs / 1000), exp: claims.exp };
  return signToken('withdrawal', { iss: identity.name, ...times, req, token: tokenDigest(decision) }, key);
}
