import pino from 'pino';
import type { OrderContext } from '../../../agent/context/index.ts';
import { makeHostKey, openIdentity } from '../../../agent/identity/index.ts';
import { ForwardClock } from '../../../agent/journal/index.ts';
import { type HostPolicy, parseHostPolicy } from '../../../agent/policy/index.ts';
import type { ModuleSigner } from '../../../agent/signing/index.ts';
import { WriteLog } from '../../../agent/undo/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { type CallResult, callResultCodec, resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { SITE } from '../../kit/cast.ts';
import type { OrderKit } from '../../kit/order-kit.ts';
import { openJournal } from './journal-kit.ts';
import { OPEN_POLICY } from './open-policy.ts';
import { type StandInOptions, standInStages } from './stand-in-stages.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What differs from a host that allows everything. */
export interface ContextChanges {
  readonly stateDirectory?: string;
  readonly policy?: Partial<HostPolicy>;
  readonly stages?: StandInOptions;
  readonly unapprovedLimit?: number;
  readonly signer?: ModuleSigner;
}

/** The host web-01 with real files and keys, and a clock to set. */
export function orderContext(kit: OrderKit, nowMs: number, changes: ContextChanges = {}) {
  const { stateDirectory = temporaryDirectory(), policy, stages, unapprovedLimit = 100 } = changes;
  const clock = { now: nowMs, nowMs: () => clock.now };
  makeHostKey(stateDirectory);
  const journal = openJournal(stateDirectory);
  const standIn = standInStages(stages);
  const agent = {
    trust: {
      now: () => ({ bundle: kit.bundle, bundleIsOver: false, statements: { confirmedAtMs: clock.now } }),
    },
    policy: { ...parseHostPolicy(JSON.stringify(OPEN_POLICY)), ...policy },
    identity: openIdentity({ stateDirectory, host: 'web-01', site: SITE, labels: { env: 'test' } }),
    journal,
    stages: standIn,
    writes: new WriteLog(stateDirectory, pino({ level: 'silent' })),
    signer: changes.signer ?? { signs: () => false, signatureFor: async () => undefined },
    kernelRelease: '6.1.0-test',
    unapprovedLimit,
    clock: new ForwardClock({ clock, seenMs: journal.seenMs, monotonicMs: () => 0 }),
    counters: new CounterSet(),
    log: pino({ level: 'silent' }),
    admitted: async () => undefined,
    journalPosition: () => undefined,
    sayAborted: (_requestDigest: Uint8Array): void => undefined,
    resultReady: () => undefined,
    tendDenies: () => undefined,
  } satisfies OrderContext;
  return {
    agent,
    clock,
    journal,
    stateDirectory,
    loaded: standIn.loaded,
    /** The results that wait to be sent, decoded. */
    results(): CallResult[] {
      return journal.pending().map(({ resultDigest }) => {
        const { result } = resultEnvelopeCodec.decode(journal.readResult(resultDigest)!);
        return callResultCodec.decode(result);
      });
    },
  };
}
