import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { digestText, signToken } from '../../../shared/tokens/index.ts';
import {
  type ReadPlan,
  type ReadRequest,
  readPlan,
  readRequestView,
  requestToJson,
} from '../../views/index.ts';
import { type CliContext, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderPlan } from '../output/plan-text.ts';
import { type ConfirmOptions, hostsOfRequest, isConfirmed, showRequest } from './confirm.ts';

/** Options of `farcall reject`. */
export interface RejectOptions extends ConfirmOptions {
  readonly reason: string;
}

/**
 * Shows what a request says and, after a yes, signs it with the operator's own key, here. The digest that is signed is
 * that of the bytes that were shown.
 *
 * Threat: a controller, or somebody between review and script, puts another request in the place of the one that was
 * read. A person sees what he signs; a script (--yes) must say which digest was reviewed, and signs nothing else.
 */
export async function approve(context: CliContext, id: string, options: ConfirmOptions): Promise<ExitCode> {
  if (options.yes && options.digest === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      '--yes approves unseen: give --digest too, as farcall request and approve print it',
    );
  return decide(context, id, { options, decision: 'approve', question: 'Approve exactly this,' });
}

/** Shows a request and, after a yes, signs that it must not run. It is blocked until that is withdrawn. */
export async function reject(context: CliContext, id: string, options: RejectOptions): Promise<ExitCode> {
  const { reason } = options;
  return decide(context, id, { options, decision: 'reject', reason, question: 'Reject' });
}

interface Intention {
  readonly options: ConfirmOptions;
  readonly decision: 'approve' | 'reject';
  readonly reason?: string;
  readonly question: string;
}

function decide(context: CliContext, id: string, intention: Intention): Promise<ExitCode> {
  const { options, decision, question } = intention;
  return withSession(context, options, async session => {
    const read = readRequestView(await session.client.call('getRequest', { id }), id);
    showRequest(context, read, options);
    await showPlanOf(context, session, { read, decision, options });
    const hosts = decision === 'approve' ? hostsOfRequest(read) : 0;
    const asked = { text: question, identity: session.identity, hosts };
    if (!(await isConfirmed(context, read, { options, question: asked }))) {
      context.terminal.warn(decision === 'approve' ? 'Not approved.' : 'Not rejected.');
      return EXIT.declined;
    }
    const token = await signDecision(context, session, { ...intention, read });
    const after = readRequestView(await session.client.call('submitApproval', { id, token }), id);
    report(context, after, intention);
    return EXIT.ok;
  });
}

/**
 * Shows the plan that the request names. Who approves does not sign without having seen it; who rejects may.
 */
async function showPlanOf(
  { terminal }: CliContext,
  { client }: Session,
  { read, decision, options }: Pick<Intention, 'decision' | 'options'> & { readonly read: ReadRequest },
): Promise<void> {
  const { planDigest, expectedHostsDigest } = read.request;
  if (!planDigest) return;
  const print = options.json ? terminal.warn : terminal.print;
  try {
    const plan = readPlan(await client.call('getPlan', { digest: planDigest }), planDigest);
    refuseForeignPlan(plan, read);
    for (const line of renderPlan(plan, terminal.columns)) print(line);
    if (!Buffer.from(plan.plan.expectedHostsDigest).equals(expectedHostsDigest ?? new Uint8Array()))
      print('The hosts of the request are not exactly those of the plan: some came or went in between.');
    print('');
  } catch (thrown) {
    if (decision === 'approve') throw thrown;
    terminal.warn(`its plan cannot be shown: ${toFarcallError(thrown).message}`);
  }
}

/** Threat: a request that names a plan of something else, for approvers who read the plan and not the program. */
function refuseForeignPlan({ query, plan }: ReadPlan, { request }: ReadRequest): void {
  const planned = { ...query, selector: plan.selector };
  for (const member of ['program', 'selector', 'effect', 'policy', 'timeoutMs', 'requester'] as const) {
    if (planned[member] !== request[member])
      throw new FarcallError('CONFLICT', `the plan that the request names is of another ${member}`);
  }
}

async function signDecision(
  { clock }: CliContext,
  { identity, key }: Session,
  { read: { request, digest }, decision, reason }: Intention & { readonly read: ReadRequest },
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = Math.ceil(request.expiresAtMs / 1000);
  if (exp <= iat) {
    throw new FarcallError(
      'REQUEST_EXPIRED',
      `request ${request.id} is past its life; nobody can ${decision} it now`,
    );
  }
  const claims = { iss: identity.name, iat, exp, req: digestText(digest), decision };
  return signToken('approval', { ...claims, ...(reason === undefined ? {} : { reason }) }, key);
}

function report({ terminal }: CliContext, read: ReadRequest, { options, decision }: Intention): void {
  const { approvers, threshold, state } = read.view;
  if (options.json) terminal.print(JSON.stringify(requestToJson(read)));
  else if (decision === 'approve')
    terminal.print(
      `Approved: ${approvers.length} of ${threshold} (${approvers.join(', ')}); request ${read.request.id} is ${state}.`,
    );
  else terminal.print(`Rejected; request ${read.request.id} is ${state}.`);
}
