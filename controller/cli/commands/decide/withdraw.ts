import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import {
  digestText,
  keyId,
  publicKeyOf,
  signToken,
  tokenDigest,
  verifyToken,
} from '../../../../shared/tokens/index.ts';
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
import { type ConfirmOptions, isConfirmed, showRequest } from '../../interaction/index.ts';
import { type CliContext, type Session, withSession } from '../../session/index.ts';
import { DECISION_NOTES } from './decide.ts';

/** `farcall withdraw`. */
export const addWithdraw: AddCommand = (parent, context, exitWith) => {
  const command = withSigningOptions(parent.command('withdraw'))
    .summary('withdraw your approval or rejection')
    .description('Withdraws your approval or rejection. This works until the request is ordered.');
  addHelp(command, {
    notes: DECISION_NOTES,
    examples: ['withdraw 7k2m9x4qw8rt', 'withdraw 7k2m9x4qw8rt --yes'],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: ConfirmOptions) => exitWith(await withdraw(context, id, options)));
};

async function withdraw(context: CliContext, typed: string, options: ConfirmOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const read = await findRequest(session, typed);
    const { id } = read.request;
    const own = ownDecision(session, read);
    showRequest(context, read, options);
    const text = `Withdraw your ${own.decision === 'approve' ? 'approval' : 'rejection'} of`;
    const prompt = { text, identity: session.identity };
    if (!(await isConfirmed(context, read, { options, prompt }))) {
      context.terminal.warn('Not withdrawn.');
      return EXIT.declined;
    }
    const token = await signWithdrawal(context, session, { read, decision: own.token });
    const after = readRequestView(await session.client.call('withdrawApproval', { id, token }), id);
    if (options.json) context.terminal.print(asciiJson(requestToJson(after)));
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
 * Threat: a controller presents another token of the operator, so that they withdraw something that they did
 * not mean to. The decision must carry the signature of the operator's own key, over exactly these bytes.
 */
async function signWithdrawal(
  { clock }: CliContext,
  { identity, key }: Session,
  { read, decision }: { readonly read: ReadRequest; readonly decision: string },
): Promise<string> {
  const nowMs = clock.nowMs();
  const { name: iss, site } = identity;
  const ownKey = { owner: iss, key: publicKeyOf(key.publicJwk) };
  const keyring = new Map([[keyId(key.publicJwk), ownKey]]);
  const { claims } = await verifyToken('approval', decision, { site, keyring, nowMs });
  const req = digestText(read.digest);
  if (claims.req !== req)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      'the controller presents a decision about another request as yours',
    );
  const times = { iat: Math.floor(nowMs / 1000), exp: claims.exp };
  return signToken('withdrawal', { iss, site, ...times, req, token: tokenDigest(decision) }, key);
}
