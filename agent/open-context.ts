import type { Logger } from 'pino';
import { readTrustBundle, type TrustBundle } from '../shared/trust/index.ts';
import type { AgentConfig } from './config/index.ts';
import { Counters } from './counters.ts';
import { type HostIdentity, openIdentity } from './identity/index.ts';
import { Journal } from './journal/index.ts';
import { type HostPolicy, readHostPolicy } from './policy/index.ts';
import type { OrderContext } from './run-order/index.ts';
import type { AgentSurroundings } from './surroundings.ts';

/** Most orders without enough approvals that the journal remembers; see `giveUp` in run-order. */
const UNAPPROVED_LIMIT = 4096;

/**
 * Everything that orders meet on this host, from the files that the configuration names; what is pinned is logged. The
 * state directory must be locked. Throws FarcallError where a file is missing or wrong.
 */
export function openContext(
  config: AgentConfig,
  { stages, clock, log: base }: AgentSurroundings,
  resultReady: () => void,
): OrderContext {
  const { host, labels, stateDirectory } = config;
  const log = base.child({ host });
  const bundle = readTrustBundle(config.trustBundleFile);
  const policy = readHostPolicy(config.policyFile);
  const { kernelRelease } = stages.facts();
  const identity = openIdentity({ stateDirectory, host, labels });
  const journal = Journal.open({ stateDirectory, host, log });
  logPinned(log, { bundle, policy, identity });
  const counters = new Counters();
  return {
    bundle,
    policy,
    identity,
    journal,
    stages,
    kernelRelease,
    unapprovedLimit: UNAPPROVED_LIMIT,
    clock,
    counters,
    log,
    resultReady,
  };
}

interface Pinned {
  readonly bundle: TrustBundle;
  readonly policy: HostPolicy;
  readonly identity: HostIdentity;
}

/** Whom this host obeys, so that the log of a start answers it. Public keys and names only. */
function logPinned(log: Logger, { bundle, policy, identity }: Pinned): void {
  const names = (principals: TrustBundle['approvers']): string[] => principals.map(({ name }) => name);
  log.info(
    {
      trustVersion: bundle.version,
      trustExpires: new Date(bundle.expiresAtMs).toISOString(),
      controllers: names(bundle.controllers),
      approvers: names(bundle.approvers),
      thresholds: bundle.thresholds,
      effects: policy.effects,
      labels: identity.labels,
      hostKey: identity.key.kid,
    },
    'this host obeys',
  );
}
