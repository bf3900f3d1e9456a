import { type FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import { type CallHealth, callRequestCodec, orderEnvelopeCodec } from '../../shared/messages/index.ts';
import { moduleNameOf } from '../../shared/module-signing/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { currentTrust, type OrderContext } from '../context/index.ts';
import type { JournaledCall, JournaledResident } from '../journal/index.ts';
import { outcomeAfterIntent, outcomeBeforeIntent } from '../outcome-of-code/index.ts';
import { checkLimits, mayCallOf, type PermittedCall, permit } from '../policy/index.ts';
import type { KernelHealth, LoadReport } from '../stages/index.ts';
import { programOnHost } from '../undo/index.ts';
import {
  type AuthenticOrder,
  attemptKeyText,
  authenticateOrder,
  checkInTime,
  type VerifiedOrder,
  verifyOrder,
} from '../verify/index.ts';
import { type CallEnd, endOfError, endOfReport } from './call-result.ts';
import { probesIn } from './probe-health.ts';
import { type EndedAttempt, recordOutcome } from './record-outcome.ts';
import { Stopwatch } from './stopwatch.ts';

/**
 * The life of one order on this host, from bytes of the network to a result that is being sent. Never throws:
 * every order ends in a result, or in a line of the log if nobody is owed a result (see `authenticateOrder`).
 */
export async function runOrder(envelopeBytes: Uint8Array, agent: OrderContext): Promise<void> {
  const watch = new Stopwatch();
  const order = await authenticate(envelopeBytes, agent, watch);
  if (!order) return;
  if (!agent.journal.mayTry(order.key, order.only)) return sendAgain(order, agent);
  if (!(await admitted(order, agent))) return;
  const ready = await prepare(order, agent, watch);
  if (ready) await carryOut(ready, agent, watch);
}

/**
 * The order if it is from a controller and for this host; all others are counted and logged, and not
 * answered.
 */
async function authenticate(
  envelopeBytes: Uint8Array,
  agent: OrderContext,
  watch: Stopwatch,
): Promise<AuthenticOrder | undefined> {
  try {
    return await watch.measure('verifyUs', () => authenticateOrder(envelopeBytes, currentTrust(agent)));
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    const due = agent.counters.countAndSample(`order.ignored.${code}`);
    const level = code === 'NOT_SELECTED' ? 'debug' : 'warn';
    if ((due || level === 'debug') && agent.log.isLevelEnabled(level)) {
      const about = { request: requestNamedIn(envelopeBytes), code, reason: message };
      agent.log[level]({ ...about, bytes: envelopeBytes.length }, 'the agent ignores an order');
    }
    return undefined;
  }
}

/**
 * Whether a controller admits this host. An order waits until one does; the order of a host that is held is
 * not answered, and stays open at the controller.
 */
async function admitted({ request, orderId }: AuthenticOrder, agent: OrderContext): Promise<boolean> {
  try {
    await agent.admitted();
    return true;
  } catch (thrown) {
    const { message } = toFarcallError(thrown);
    agent.counters.count('order.held');
    agent.log.warn(
      { request: request.id, order: orderId, reason: message },
      'the agent does not run an order',
    );
    return false;
  }
}

/** The id of the request in `envelopeBytes`, for the log. The sender may have made it up. */
function requestNamedIn(envelopeBytes: Uint8Array): string | undefined {
  try {
    return callRequestCodec.decode(orderEnvelopeCodec.decode(envelopeBytes).request).id;
  } catch {
    return undefined;
  }
}

/** Sends again the result of a request that this host has answered, if the result is still here. */
function sendAgain({ request, key, only }: AuthenticOrder, agent: OrderContext): void {
  agent.counters.count('order.repeated');
  agent.log.debug(
    { request: request.id, attempt: key.attempt, only },
    'an order repeats a request that this host has answered',
  );
  agent.journal.recall(key);
  agent.resultReady();
}

/** A call whose intent is on the disk, and the signature of its module. */
interface ReadyCall {
  readonly call: JournaledCall;
  readonly signature: Uint8Array | undefined;
}

/** All stages before the call is begun. A failure here ends in a result that says so, and nothing has run. */
async function prepare(
  authentic: AuthenticOrder,
  agent: OrderContext,
  watch: Stopwatch,
): Promise<ReadyCall | undefined> {
  let order: VerifiedOrder | undefined;
  try {
    order = await watch.measure('verifyUs', () => verifyOrder(authentic, currentTrust(agent)));
    agent.clock.see(authentic.life.nbf * 1000);
    agent.journal.refuseIfForgotten(order.request);
    agent.journal.refuseIfAborted(order.key);
    const call = await permitCompiled(order, agent, watch);
    const signature = await watch.measure('compileUs', () => agent.signer.signatureFor(call));
    // Signing may have taken seconds.
    agent.journal.refuseIfAborted(order.key);
    checkInTime(order, agent.clock.nowMs());
    return { call: begin(call, agent), signature };
  } catch (thrown) {
    await giveUp(authentic, toFarcallError(thrown), agent, { watch, begun: false, unapproved: !order });
    return undefined;
  }
}

async function permitCompiled(
  order: VerifiedOrder,
  { policy, stages, signer, writes }: OrderContext,
  watch: Stopwatch,
): Promise<PermittedCall> {
  checkLimits(order, policy);
  const { request } = order;
  const options = { signed: signer.signs(), mayCall: mayCallOf(policy), fuel: request.fuel };
  const bootId = () => stages.health().bootId;
  const program = programOnHost(withLibrary(request), { writes, bootId });
  const compiled = await watch.measure('compileUs', () =>
    stages.compile(program, moduleNameOf(order.key), options),
  );
  return permit(order, compiled, policy);
}

function begin(call: PermittedCall, agent: OrderContext): JournaledCall {
  const { journal, clock, kernelRelease, log } = agent;
  const { order, compiled } = call;
  const moduleDigest = moduleDigestOf(compiled.image);
  const journaled = journal.begin(call, {
    startedAtMs: clock.nowMs(),
    seenMs: clock.seenMs,
    kernelRelease,
    moduleDigest,
    resident: residentOf(compiled, agent),
  });
  log.info(
    {
      request: order.request.id,
      key: attemptKeyText(order.key),
      order: order.orderId,
      wave: order.wave,
      approvers: order.approvers,
      effect: compiled.effect,
      module: compiled.image !== undefined,
      callees: compiled.callees.map(({ name }) => name),
      indirectCalls: compiled.indirectCalls.length,
    },
    'a call begins',
  );
  return journaled;
}

function residentOf(
  { moduleName: module, denies }: PermittedCall['compiled'],
  { stages }: OrderContext,
): JournaledResident | undefined {
  if (denies.length === 0) return undefined;
  return {
    module,
    bootId: stages.health().bootId,
    startedUptimeMs: stages.probes.uptimeMs(),
    denies: denies.map(({ name, text, lifeMs, stateAt, missedAt }) => {
      return { function: name, text, lifeMs, stateAt, missedAt };
    }),
  };
}

/**
 * Answers an order that was given up before its call was begun.
 *
 * Two cases are not answered:
 * - The journal fails. A refusal that is not on the disk could be followed by a run after the next start, so
 *   this host is silent, and the controller counts the silence as a failure.
 * - The limit on remembered orders without approvals is reached. Threat: a stolen controller key can sign any
 *   number of orders that nobody approved, and must not be able to fill this host's disk with refusals. There
 *   is no such limit for approved orders.
 */
async function giveUp(
  order: AuthenticOrder,
  error: FarcallError,
  agent: OrderContext,
  facts: AttemptFacts,
): Promise<void> {
  const outcome = outcomeBeforeIntent(error.code);
  const details = { request: order.request.id, key: attemptKeyText(order.key), code: error.code, err: error };
  agent.counters.count(`order.${outcome}.${error.code}`);
  if (error.code === 'JOURNAL_FAILED') {
    agent.log.error(details, 'the agent neither runs nor answers an order: the journal fails');
    return;
  }
  if (facts.unapproved && agent.journal.unapproved >= agent.unapprovedLimit) {
    const due = agent.counters.countAndSample('order.unanswered');
    if (due) agent.log.error(details, 'the agent does not answer an order: too many orders lack approvals');
    return;
  }
  agent.log.warn({ ...details, outcome }, 'the agent does not run an order');
  await recordOutcome(endOfError(outcome, error), endedAttempt(order, agent, facts), agent);
}

/** What a call wrote is remembered before its result is on the disk: who sees the result can undo it. */
function rememberWrites(
  requestId: string,
  { writes = [], writesMissed = false }: CallEnd,
  { writes: log, stages }: OrderContext,
): void {
  if (writes.length === 0 && !writesMissed) return;
  log.keep({ requestId, bootId: stages.health().bootId, writes, isPartial: writesMissed });
}

/** The call itself. From here on it counts as run, whatever its outcome. */
async function carryOut(ready: ReadyCall, agent: OrderContext, watch: Stopwatch): Promise<void> {
  const { order, compiled } = ready.call;
  const healthNow = healthAround(agent);
  const { end, late } = await load(ready, agent, watch);
  rememberWrites(order.request.id, end, agent);
  const facts = { watch, begun: true, moduleDigest: moduleDigestOf(compiled.image) };
  await recordOutcome(end, { ...endedAttempt(order, agent, facts), health: healthNow(end) }, agent);
  if (!late) return;
  // The real outcome of a call that was reported as timed-out is a second result of the same attempt.
  const settled = late.then(async report => {
    watch.setLoader(report);
    const lateEnd = endOfReport(report);
    rememberWrites(order.request.id, lateEnd, agent);
    const ended = { ...endedAttempt(order, agent, facts), health: healthNow(lateEnd) };
    await recordOutcome(lateEnd, ended, agent);
  });
  settled.catch(error => {
    agent.log.error(
      { request: order.request.id, err: error },
      'the outcome of a timed-out call is not known',
    );
  });
}

/**
 * Reads the kernel's health before a call; the function that it returns reads it again and gives both. If it
 * cannot be read, the result is sent without it.
 */
function healthAround({ stages, log }: OrderContext): (end: CallEnd) => CallHealth | undefined {
  const look = (): KernelHealth | undefined => {
    try {
      return stages.health();
    } catch (error) {
      log.warn({ err: error }, "the agent cannot read the kernel's health");
      return undefined;
    }
  };
  const before = look();
  return ({ rows }) => {
    const after = look();
    if (!before || !after) return undefined;
    const { bootId, taint } = after;
    return { bootId, taintBefore: before.taint, taintAfter: taint, probes: probesIn(rows) };
  };
}

async function load(
  { call, signature }: ReadyCall,
  { stages, log }: OrderContext,
  watch: Stopwatch,
): Promise<{ end: CallEnd; late?: Promise<LoadReport> | undefined }> {
  const { id, timeoutMs } = call.order.request;
  try {
    const report = await stages.load(call, { timeoutMs, signature });
    watch.setLoader(report);
    return { end: endOfReport(report), late: report.late };
  } catch (thrown) {
    const error = toFarcallError(thrown);
    log.error({ request: id, err: error }, 'a call ended in an error');
    return { end: endOfError(outcomeAfterIntent(error.code), error) };
  }
}

interface AttemptFacts {
  readonly watch: Stopwatch;
  readonly begun: boolean;
  readonly unapproved?: boolean;
  readonly moduleDigest?: string | undefined;
}

function endedAttempt(
  { key, orderId, request }: Pick<AuthenticOrder, 'key' | 'orderId' | 'request'>,
  { kernelRelease }: OrderContext,
  { watch, ...facts }: AttemptFacts,
): EndedAttempt {
  const { id: requestId, expiresAtMs } = request;
  return { key, requestId, orderId, expiresAtMs, timings: watch.timings(), kernelRelease, ...facts };
}

function moduleDigestOf(image: Uint8Array | undefined): string | undefined {
  return image && Buffer.from(sha256(image)).toString('hex');
}
