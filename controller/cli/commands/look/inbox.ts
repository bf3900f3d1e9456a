import { asciiJson } from '../../../../shared/json/index.ts';
import { hostFactsCodec } from '../../../../shared/messages/index.ts';
import type { TrustBundle } from '../../../../shared/trust/index.ts';
import {
  formatDuration,
  hostCount,
  printable,
  type ReadRequest,
  readRequestView,
} from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  fetchNewestBundle,
  hostsOf,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { printStatus } from '../../interaction/index.ts';
import { wrapValue } from '../../output/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';

/** `farcall inbox`. */
export const addInbox: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('inbox'))
    .summary('list what waits for you')
    .description(
      'Lists what waits for you: requests to approve, rollouts that a person must decide about, emergencies to review, and removals and labels of hosts to sign.',
    );
  addHelp(command, {
    notes: ['It leaves out what you made, have signed already, or may not sign by your scopes.'],
    examples: ['inbox', "inbox --json | jq -r '.[].command'"],
    exits: REMOTE_EXITS,
  }).action(async (options: CommonOptions) => exitWith(await inbox(context, options)));
};

/** Something that waits for the person who asks. */
interface InboxItem {
  readonly kind: 'approve' | 'promote' | 'decide' | 'review' | 'remove' | 'label';
  /** Id of the request, or name of the host. */
  readonly subject: string;
  /** What it is about, in words. */
  readonly text: string;
  /** What the person can type. */
  readonly command: string;
}

/** How many requests of each kind are looked at, the newest first. */
const LOOKED_AT = 100;
async function inbox(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const { bundle } = await fetchNewestBundle(session.client);
    const isApprover = bundle.approvers.some(({ name }) => name === session.identity.name);
    const nowMs = context.clock.nowMs();
    const items = [
      ...(isApprover ? await toApprove(session, bundle, nowMs) : []),
      ...(await toDecide(session)),
      ...(isApprover ? await toReview(session, nowMs) : []),
      ...(isApprover ? await toSignHosts(session) : []),
    ];
    await printStatus(context, session);
    if (options.json) terminal.print(asciiJson(items));
    else for (const line of inboxLines(items, terminal.columns)) terminal.print(line);
    return EXIT.ok;
  });
}

function inboxLines(items: readonly InboxItem[], columns: number): string[] {
  if (items.length === 0) return ['Nothing waits for you.'];
  return items.flatMap(({ subject, text, command }) => [
    ...wrapValue(`${subject}  ${text}`, { columns, hang: 4 }),
    `    farcall ${command}`,
  ]);
}

async function requestsIn(
  { client }: Session,
  states: ('pending' | 'rejected' | 'dispatched')[],
): Promise<readonly ReadRequest[]> {
  const { requests } = await client.call('listRequests', { limit: LOOKED_AT, states });
  const found: ReadRequest[] = [];
  for (const { id } of requests) found.push(readRequestView(await client.call('getRequest', { id }), id));
  return found;
}

/** Requests that lack approvals, of which one could be this person's. */
async function toApprove(session: Session, bundle: TrustBundle, nowMs: number): Promise<InboxItem[]> {
  const { name } = session.identity;
  const requests = await requestsIn(session, ['pending']);
  return requests
    .filter(
      ({ request, view }) =>
        request.requester !== name &&
        !view.approvers.includes(name) &&
        !view.limited.some(limited => limited.name === name) &&
        bundle.thresholds[request.policy] !== undefined,
    )
    .map(({ request, view }) => ({
      kind: 'approve',
      subject: request.id,
      text: `${view.approvers.length} of ${view.threshold} approvals, ${request.effect} on ${hostCount(view.expectedHosts)}, by ${request.requester}, expires in ${formatDuration(Math.max(0, request.expiresAtMs - nowMs))}: ${printable(request.reason)}`,
      command: `approve ${request.id}`,
    }));
}

/** Rollouts that do not go on without a person; anybody may decide. */
async function toDecide(session: Session): Promise<InboxItem[]> {
  return (await requestsIn(session, ['dispatched'])).flatMap(({ request, view }): InboxItem[] => {
    const { id } = request;
    const about = `by ${request.requester}: ${printable(request.reason)}`;
    const state = view.rollout?.state;
    if (state === 'awaiting-promotion')
      return [
        {
          kind: 'promote',
          subject: id,
          text: `a wave waits for promotion, ${about}`,
          command: `promote ${id} --reason …`,
        },
      ];
    if (state !== 'stopped' && state !== 'paused') return [];
    const why = view.rollout?.reason ? ` (${printable(view.rollout.reason)})` : '';
    return [{ kind: 'decide', subject: id, text: `${state}${why}, ${about}`, command: `watch ${id}` }];
  });
}

/** Emergencies that this person was not in, and has not reviewed. */
async function toReview({ client, identity }: Session, nowMs: number): Promise<InboxItem[]> {
  const { emergencies } = await client.call('listEmergencies', {});
  return emergencies
    .filter(
      ({ request, approvers, emergency }) =>
        ![request.requester, ...approvers, ...emergency.reviews.map(({ reviewer }) => reviewer)].includes(
          identity.name,
        ),
    )
    .map(({ request, emergency }) => ({
      kind: 'review',
      subject: request.id,
      text: `an emergency, ${emergency.reviews.length} of ${emergency.reviewers} reviews, ${emergency.dueAtMs <= nowMs ? 'OVERDUE' : `due in ${formatDuration(emergency.dueAtMs - nowMs)}`}, by ${request.requester}: ${printable(request.reason)}`,
      command: `review ${request.id} --reason …`,
    }));
}

/** Removals and labels of hosts that somebody else has signed for. */
async function toSignHosts({ client, identity }: Session): Promise<InboxItem[]> {
  const items: InboxItem[] = [];
  for await (const view of hostsOf(client)) {
    const { host } = hostFactsCodec.decode(view.facts);
    const waits = (signers: readonly string[]) => signers.length > 0 && !signers.includes(identity.name);
    if (waits(view.removalSigners)) {
      const text = `its removal is proposed by ${view.removalSigners.join(', ')}`;
      items.push({ kind: 'remove', subject: host, text, command: `host remove ${host} --reason …` });
    }
    if (waits(view.labelSigners)) {
      const text = `other labels are proposed by ${view.labelSigners.join(', ')}`;
      items.push({ kind: 'label', subject: host, text, command: `host label ${host}` });
    }
  }
  return items;
}
