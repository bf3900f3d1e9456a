import { toFarcallError } from '../../../shared/errors/index.ts';
import type { ControllerStatus } from '../../../shared/messages/index.ts';
import { clockText, printable, statusLines } from '../../views/index.ts';
import type { CliContext, Session } from '../session/index.ts';

/** A clock of this machine that is further off than this is said; signatures allow for 30 s. */
const OWN_CLOCK_MS = 10_000;

/**
 * What the controller cannot do now, line by line, for people who wait for it: the broker, the store, clocks
 * of hosts (those that `requestId` waits for, if it is given), and the clock of this machine. Empty while all
 * is well, and where the controller does not say.
 */
export async function troublesOf(
  { clock }: Pick<CliContext, 'clock'>,
  { client }: Pick<Session, 'client'>,
  requestId?: string,
): Promise<readonly string[]> {
  const askedMs = clock.nowMs();
  let status: ControllerStatus;
  try {
    status = await client.call('getStatus', { ...(requestId !== undefined && { requestId }) });
  } catch (thrown) {
    // The command itself says why it fails; this line is only beside it.
    return [`What the controller cannot do now is not known: ${printable(toFarcallError(thrown).message)}`];
  }
  const ownOffsetMs = (askedMs + clock.nowMs()) / 2 - status.nowMs;
  const own =
    Math.abs(ownOffsetMs) > OWN_CLOCK_MS
      ? [`The clock of this machine is ${clockText(ownOffsetMs)} of the controller's.`]
      : [];
  return [...statusLines(status).map(line => printable(line)), ...own];
}

/** Prints on stderr what the controller cannot do now; see {@link troublesOf}. */
export async function printStatus(
  context: Pick<CliContext, 'clock' | 'terminal'>,
  session: Pick<Session, 'client'>,
  requestId?: string,
): Promise<void> {
  for (const line of await troublesOf(context, session, requestId)) context.terminal.warn(line);
}
