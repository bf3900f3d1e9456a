import { toFarcallError } from '../../shared/errors/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import { currentTrust, type OrderContext } from '../context/index.ts';
import { type AuthenticAbort, authenticateAbort, type EarlierLife } from '../verify/index.ts';

/**
 * The life of one abort on this host: it is authenticated and recorded, and from then on no order of its
 * request is started. Once the abort is on the disk the host says so, each time that it receives it: a
 * controller that has heard that hands it out no more. Never throws. It does not end a call that runs, since
 * a thread cannot be taken out of the kernel; the result of that call follows as usual.
 */
export async function receiveAbort(envelopeBytes: Uint8Array, agent: OrderContext): Promise<void> {
  const abort = await authenticate(envelopeBytes, agent);
  if (abort) remember(abort, agent);
}

async function authenticate(bytes: Uint8Array, agent: OrderContext): Promise<AuthenticAbort | undefined> {
  try {
    return await authenticateAbort(bytes, currentTrust(agent), earlierLife(agent));
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    const due = agent.counters.countAndSample(`abort.ignored.${code}`);
    if (code === 'NOT_SELECTED' || code === 'REQUEST_EXPIRED')
      agent.log.debug({ code, reason: message }, 'an abort stops nothing here');
    else if (due)
      agent.log.warn({ code, reason: message, bytes: bytes.length }, 'the agent ignores an abort');
    return undefined;
  }
}

function earlierLife({ identity, journal }: OrderContext): EarlierLife {
  const { host, heldLabels } = identity;
  const formerLabels = heldLabels.former.map(labels => ({ ...labels, host }));
  return { formerLabels, knowsRequest: digest => journal.knowsRequest(digest) };
}

function remember(abort: AuthenticAbort, agent: OrderContext): void {
  const { journal, counters, log } = agent;
  const { requestDigest, requestId, by, reason } = abort;
  const about = { request: requestId, digest: digestText(requestDigest), by, reason };
  try {
    const isNew = journal.abort(abort);
    counters.count(isNew ? 'abort.taken' : 'abort.repeated');
    if (isNew) log.warn(about, 'a request is aborted: the agent will not start it');
    agent.tendDenies();
    agent.sayAborted(requestDigest);
    journal.recall({ requestDigest });
    agent.resultReady();
  } catch (error) {
    log.error({ ...about, err: error }, 'the agent cannot write an abort to the journal');
  }
}
