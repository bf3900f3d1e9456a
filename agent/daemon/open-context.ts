import type { Logger } from 'pino';
import { Counters } from '../../shared/counters/index.ts';
import { readRootsFile } from '../../shared/trust/index.ts';
import type { AgentConfig } from '../config/index.ts';
import type { OrderContext } from '../context/index.ts';
import { type HostIdentity, openIdentity, recordEmptyJournal } from '../identity/index.ts';
import { hasJournal, Journal } from '../journal/index.ts';
import { type HostPolicy, type ModuleSigning, readHostPolicy } from '../policy/index.ts';
import { type ControllerQuery, moduleSigner, signingMode } from '../signing/index.ts';
import { HostTrustStore } from '../trust/index.ts';
import type { AgentEnvironment } from './environment.ts';

/** Most orders without enough approvals that the journal remembers; see `giveUp` in run-order. */
const UNAPPROVED_LIMIT = 4096;

/** What orders meet, with the keeper of the trust bundle, which takes new ones in. */
export interface AgentContext extends OrderContext {
  readonly trust: HostTrustStore;
}

/** What a context sends out. */
export interface ContextEvents {
  /** The journal has a result to send. */
  readonly resultReady: () => void;
  /** Asks a controller for the signature of a module. */
  readonly askToSign: ControllerQuery['ask'];
}

/**
 * Everything that orders meet on this host, from the files that the configuration names; what is pinned is logged. The
 * state directory must be locked. Throws FarcallError where a file is missing or wrong.
 */
export async function openContext(
  config: AgentConfig,
  { stages, clock, log: base }: AgentEnvironment,
  { resultReady, askToSign: ask }: ContextEvents,
): Promise<AgentContext> {
  const { host, labels, stateDirectory } = config;
  const log = base.child({ host });
  const pinned = readRootsFile(config.rootsFile);
  const policy = readHostPolicy(config.policyFile);
  const facts = stages.facts();
  const { kernelRelease } = facts;
  if (!hasJournal(stateDirectory)) recordEmptyJournal(stateDirectory, clock.nowMs());
  const identity = openIdentity({ stateDirectory, host, labels });
  const journal = Journal.open({ stateDirectory, host, log });
  const counters = new Counters();
  const trust = await HostTrustStore.open({ stateDirectory, pinned, clock, counters, log });
  logPinned(log, { trust, policy, identity, moduleSigning: signingMode(policy, facts) });
  return {
    trust,
    policy,
    identity,
    journal,
    stages,
    signer: moduleSigner({ policy, stages, identity, clock, log, ask }),
    kernelRelease,
    unapprovedLimit: UNAPPROVED_LIMIT,
    clock,
    counters,
    log,
    resultReady,
  };
}

interface Pinned {
  readonly trust: HostTrustStore;
  readonly policy: HostPolicy;
  readonly identity: HostIdentity;
  readonly moduleSigning: ModuleSigning;
}

/** Whom this host obeys, so that the log of a start answers it. Public keys and names only. */
function logPinned(log: Logger, { trust, policy, identity, moduleSigning }: Pinned): void {
  log.info(
    {
      ...trust.about(),
      effects: policy.effects,
      labels: identity.labels,
      hostKey: identity.key.kid,
      moduleSigning,
    },
    'this host obeys',
  );
}
