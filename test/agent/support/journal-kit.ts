import pino from 'pino';
import { Journal, type OutcomeRecord } from '../../../agent/journal/index.ts';
import { mayCallOf, type PermittedCall, parseHostPolicy, permit } from '../../../agent/policy/index.ts';
import { type AttemptKey, authenticateOrder, verifyOrder } from '../../../agent/verify/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import type { MadeOrder, OrderKit } from '../../kit/order-kit.ts';
import { OPEN_POLICY } from './open-policy.ts';
import { selectableFacts, standInStages } from './stand-in-stages.ts';

const POLICY = parseHostPolicy(JSON.stringify(OPEN_POLICY));

/** The journal of the host web-01 in `stateDirectory`. */
export function openJournal(stateDirectory: string, compactAboveBytes?: number): Journal {
  const log = pino({ level: 'silent' });
  return Journal.open({
    stateDirectory,
    host: 'web-01',
    log,
    ...(compactAboveBytes === undefined ? {} : { compactAboveBytes }),
  });
}

/** A call that has come as far as permission, by the real way. */
export async function permittedCall(kit: OrderKit, made: MadeOrder, nowMs: number): Promise<PermittedCall> {
  const trust = {
    bundle: kit.bundle,
    host: 'web-01',
    labels: { env: 'test' },
    facts: selectableFacts,
    statements: { confirmedAtMs: 0 },
    nowMs,
  };
  const order = await verifyOrder(await authenticateOrder(made.envelope, trust), trust);
  return permit(
    order,
    standInStages().compile(order.request.program, 'farcall_0_1', {
      signed: false,
      mayCall: mayCallOf(POLICY),
    }),
    POLICY,
  );
}

/** An outcome record with `length` bytes in the place of its envelope. */
export function outcomeRecord(
  key: AttemptKey,
  outcome: Outcome,
  { expiresAtMs = 0, length = 100 } = {},
): OutcomeRecord {
  const envelope = Buffer.alloc(length, `${outcome}.`);
  const resultDigest = sha256(key.requestDigest, Buffer.from(`${key.attempt} ${outcome}`));
  return { key, requestId: undefined, expiresAtMs, outcome, unapproved: false, resultDigest, envelope };
}
