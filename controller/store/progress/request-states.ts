import type { RequestState } from '../../../shared/messages/index.ts';
import type { Change } from '../core/index.ts';

/**
 * Every way in which a request changes its state: by event, from which state to which. What is not here
 * cannot happen; all stores move requests by {@link moveState} alone.
 *
 *     pending ──enough──▶ approved ──order──▶ dispatched ──settled──▶ finished
 *        ▲ │                 │                    │
 *        │ └─────reject──────┴─▶ rejected         └──abort──▶ aborting ──settled──▶ aborted
 *        └──reopen── (approved, rejected)
 *
 * From pending, rejected and approved a request also ends as `expired` or `aborted`. A retry takes a finished
 * one up again.
 */
export const TRANSITIONS = {
  /** Enough approvals count, and no rejection stands. */
  enough: { pending: 'approved' },
  /** An approver rejects. */
  reject: { pending: 'rejected', approved: 'rejected', rejected: 'rejected' },
  /** An approval is withdrawn, or the last rejection: the approvals are counted again. */
  reopen: { approved: 'pending', rejected: 'pending' },
  /** There is an order. From here on decisions cannot be withdrawn. */
  order: { approved: 'dispatched' },
  /** Somebody stops it; where an order is out, hosts still owe their outcomes. */
  abort: { pending: 'aborted', rejected: 'aborted', approved: 'aborted', dispatched: 'aborting' },
  /** Every expected host has its outcome. */
  settled: { dispatched: 'finished', aborting: 'aborted' },
  /** Hosts of it are to try again. */
  retry: { dispatched: 'dispatched', finished: 'dispatched' },
  /** Its life ended before it was ordered. */
  expire: { pending: 'expired', rejected: 'expired', approved: 'expired' },
} as const satisfies Record<string, Partial<Record<RequestState, RequestState>>>;

/** An event by which a request changes its state. */
export type RequestTransition = keyof typeof TRANSITIONS;

/** The state to which `event` leads from `state`; undefined if it cannot happen there. */
export function nextState(state: RequestState, event: RequestTransition): RequestState | undefined {
  const row: Partial<Record<RequestState, RequestState>> = TRANSITIONS[event];
  return row[state];
}

/**
 * Moves a request by `event`; returns its new state, or undefined if the event cannot happen in its state.
 */
export async function moveState(
  { trx }: Change,
  id: string,
  event: RequestTransition,
): Promise<RequestState | undefined> {
  const row = await trx.selectFrom('requests').select('state').where('id', '=', id).executeTakeFirst();
  const state = row && nextState(row.state, event);
  if (state) await trx.updateTable('requests').set({ state }).where('id', '=', id).execute();
  return state;
}
