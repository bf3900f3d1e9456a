import { FarcallError, toFarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { FINAL_STATES } from '../../../../shared/messages/index.ts';
import { digestText, signToken } from '../../../../shared/tokens/index.ts';
import {
  type ReadPlan,
  type ReadRequest,
  readPlan,
  readRequestView,
  requestToJson,
} from '../../../views/index.ts';
import { EXIT, type ExitCode, fetchNewestBundle, findRequest } from '../../core/index.ts';
import {
  type ConfirmOptions,
  hostsOfRequest,
  isConfirmed,
  printStatus,
  showRequest,
} from '../../interaction/index.ts';
import { redWords, renderPlan } from '../../output/index.ts';
import { type CliContext, type Session, withSession } from '../../session/index.ts';

/** Notes in the help of the commands that sign a decision. */
export const DECISION_NOTES = [
  'The digest is computed on this machine from the bytes that you see. Your key never leaves this machine.',
  '--yes is for scripts. With --digest, a script signs only the request that was reviewed.',
];

/** An approver's decision, and the question before it is signed. */
export interface Decision {
  readonly options: ConfirmOptions;
  readonly decision: 'approve' | 'reject';
  readonly reason?: string;
  readonly question: string;
}

/**
 * Shows a request and its plan. After a yes, signs the decision with the operator's key and sends it. The
 * digest that is signed is that of the bytes that were shown.
 */
export function decide(context: CliContext, typed: string, decision: Decision): Promise<ExitCode> {
  const { options, question } = decision;
  const approves = decision.decision === 'approve';
  return withSession(context, options, async session => {
    const read = await findRequest(session, typed);
    const { id } = read.request;
    const { state } = read.view;
    if (FINAL_STATES.includes(state))
      throw new FarcallError('CONFLICT', `request ${id} is ${state}; nobody can ${decision.decision} it now`);
    showRequest(context, read, options);
    await showPlanOf(context, session, read, decision);
    await refuseVainDecision(session, read, decision);
    const hosts = approves ? hostsOfRequest(read) : 0;
    const prompt = { text: question, identity: session.identity, hosts };
    if (!(await isConfirmed(context, read, { options, prompt }))) {
      context.terminal.warn(approves ? 'Not approved.' : 'Not rejected.');
      return EXIT.declined;
    }
    const token = await signDecision(context, session, read, decision);
    const after = readRequestView(await session.client.call('submitApproval', { id, token }), id);
    printDecision(context, after, decision);
    await printStatus(context, session, id);
    return EXIT.ok;
  });
}

/**
 * Throws what the controller would say to the decision, so that nobody reads a question whose answer is
 * refused: APPROVAL_REFUSED or SCOPE_EXCEEDED. What counts is decided by controller and hosts all the same.
 */
async function refuseVainDecision(
  { client, identity: { name } }: Session,
  { request: { id, requester }, view }: ReadRequest,
  { decision }: Decision,
): Promise<void> {
  const { bundle } = await fetchNewestBundle(client);
  if (!bundle.approvers.some(approver => approver.name === name)) {
    const message = `${name} cannot ${decision} request ${id}: version ${bundle.version} of the trust bundle does not have ${name} among its approvers`;
    throw new FarcallError('APPROVAL_REFUSED', message);
  }
  if (decision === 'reject') return;
  if (name === requester)
    throw new FarcallError(
      'APPROVAL_REFUSED',
      `${name} asked for request ${id}; an approval of it must come from somebody else`,
    );
  const limited = view.limited.find(each => each.name === name);
  if (limited)
    throw new FarcallError('SCOPE_EXCEEDED', `${name} may not approve request ${id}: ${limited.reason}`);
}

/** Shows the plan that the request names. Without it, an operator cannot approve; they can still reject. */
async function showPlanOf(
  { terminal }: CliContext,
  { client }: Session,
  read: ReadRequest,
  { decision, options }: Decision,
): Promise<void> {
  const { planDigest, expectedHostsDigest } = read.request;
  if (!planDigest) return;
  const print = options.json ? terminal.warn : terminal.print;
  try {
    const plan = readPlan(await client.call('getPlan', { digest: planDigest }), planDigest);
    refuseForeignPlan(plan, read);
    for (const line of renderPlan(plan, terminal.columns, redWords(terminal.hasColours))) print(line);
    if (!Buffer.from(plan.plan.expectedHostsDigest).equals(expectedHostsDigest ?? new Uint8Array()))
      print('The hosts of the request differ from those of the plan: hosts joined or left in between.');
    print('');
  } catch (thrown) {
    if (decision === 'approve') throw thrown;
    terminal.warn(`The plan of the request cannot be shown: ${toFarcallError(thrown).message}`);
  }
}

/** Threat: a request names a plan of something else, for approvers who read the plan and not the program. */
function refuseForeignPlan({ query, plan }: ReadPlan, { request }: ReadRequest): void {
  const planned = { ...query, selector: plan.selector };
  for (const member of [
    'program',
    'selector',
    'effect',
    'indirectCalls',
    'library',
    'values',
    'policy',
    'timeoutMs',
    'fuel',
    'requester',
  ] as const) {
    if (planned[member] !== request[member])
      throw new FarcallError('CONFLICT', `the plan that the request names has another ${member}`);
  }
}

async function signDecision(
  { clock }: CliContext,
  { identity, key }: Session,
  { request, digest }: ReadRequest,
  { decision, reason }: Decision,
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = Math.ceil(request.expiresAtMs / 1000);
  if (exp <= iat) {
    throw new FarcallError(
      'REQUEST_EXPIRED',
      `request ${request.id} has expired; nobody can ${decision} it now`,
    );
  }
  const { name: iss, site } = identity;
  const claims = { iss, site, iat, exp, req: digestText(digest), decision };
  return signToken('approval', { ...claims, ...(reason === undefined ? {} : { reason }) }, key);
}

function printDecision({ terminal }: CliContext, read: ReadRequest, { options, decision }: Decision): void {
  const { approvers, threshold, state } = read.view;
  const { id } = read.request;
  if (options.json) terminal.print(asciiJson(requestToJson(read)));
  else if (decision === 'approve')
    terminal.print(
      `Approved: ${approvers.length} of ${threshold} (${approvers.join(', ')}); request ${id} is ${state}.`,
    );
  else terminal.print(`Rejected; request ${id} is ${state}.`);
}
