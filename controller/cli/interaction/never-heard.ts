import { type EnrolmentView, type HostView, hostFactsCodec } from '../../../shared/messages/index.ts';
import { hostsOf } from '../core/index.ts';
import type { Session } from '../session/index.ts';

/**
 * The newest enrolment of each machine that redeemed one, and of which no hello has come. `heard` are all
 * hosts that have said hello, if they are known already.
 */
export async function neverHeard(
  { client }: Pick<Session, 'client'>,
  heard?: readonly HostView[],
): Promise<readonly EnrolmentView[]> {
  const { enrolments } = await client.call('listEnrolments', {});
  const used = enrolments.filter(({ state }) => state === 'used');
  if (used.length === 0) return [];
  const views: HostView[] = [...(heard ?? [])];
  if (!heard) for await (const view of hostsOf(client)) views.push(view);
  const names = new Set(views.map(({ facts }) => hostFactsCodec.decode(facts).host));
  return used.filter(
    ({ host }, index) => !names.has(host) && used.findIndex(other => other.host === host) === index,
  );
}
