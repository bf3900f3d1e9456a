import { mkdirSync } from 'node:fs';
import { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { type BrokerTls, brokerTls } from '../../shared/tls/index.ts';
import { readRootsFile } from '../../shared/trust/index.ts';
import { type BusCredentials, busCredentials } from '../bus/index.ts';
import type { AgentConfig } from '../config/index.ts';
import { type HostIdentity, noteJournal, openIdentity } from '../identity/index.ts';
import { ForwardClock, hasJournal, Journal, lockState } from '../journal/index.ts';
import { type HostPolicy, readHostPolicy } from '../policy/index.ts';
import { signingMode } from '../signing/index.ts';
import { HostTrustStore } from '../trust/index.ts';
import { WriteLog } from '../undo/index.ts';
import type { AgentEnvironment } from './environment.ts';

/** An agent's environment, and what it has opened and read from the files that its configuration names. */
export interface AgentFoundation extends AgentEnvironment {
  readonly config: AgentConfig;
  /** How to log in at the broker; undefined for a broker without authentication. */
  readonly credentials: BusCredentials | undefined;
  /** Undefined for a plain connection on loopback. */
  readonly tls: BrokerTls | undefined;
  readonly policy: HostPolicy;
  readonly identity: HostIdentity;
  readonly journal: Journal;
  readonly clock: ForwardClock;
  readonly trust: HostTrustStore;
  readonly kernelRelease: string;
  readonly counters: CounterSet;
  /** What calls have written to the kernel's memory here. */
  readonly writes: WriteLog;
}

/**
 * Locks the state directory, opens the journal and the trust store in it, and reads identity, policy and
 * credentials; logs whom this host obeys. What must be closed is put on `opened`, also if this throws. Throws
 * FarcallError if a file is missing or wrong, CONFLICT if another agent uses the state directory.
 */
export async function openFoundation(
  config: AgentConfig,
  environment: AgentEnvironment,
  opened: AsyncDisposableStack,
): Promise<AgentFoundation> {
  const { host, labels, nats, stateDirectory } = config;
  const { stages, random } = environment;
  const log = environment.log.child({ host });
  const credentials = busCredentials(nats);
  const tls = brokerTls(nats.servers, nats.caFile);
  makeStateDirectory(stateDirectory);
  opened.adopt(lockState(stateDirectory), lock => lock.release());
  const pinned = readRootsFile(config.rootsFile);
  const policy = readHostPolicy(config.policyFile);
  const { kernelRelease } = stages.facts();
  if (noteJournal(stateDirectory, hasJournal(stateDirectory), environment.clock.nowMs()))
    log.error(
      { stateDirectory },
      'the journal of this host is missing or empty, and it had one: what ran here is forgotten, and controllers hold this host',
    );
  const identity = openIdentity({ stateDirectory, host, site: pinned.site, labels });
  const journal = opened.adopt(Journal.open({ stateDirectory, host, log }), each => each.close());
  const clock = new ForwardClock({ clock: environment.clock, seenMs: journal.seenMs });
  const counters = new CounterSet();
  const { leastBundle: least } = config;
  const trust = await HostTrustStore.open({ stateDirectory, pinned, least, clock, counters, log });
  const foundation = {
    ...{ config, stages, clock, log, random, credentials, tls, policy, identity, journal, trust },
    ...{ kernelRelease, counters, writes: new WriteLog(stateDirectory, log) },
  };
  logObeyed(foundation);
  return foundation;
}

/** Logs whom this host obeys and what it allows. Public keys and names only. */
function logObeyed({ log, trust, policy, identity, stages }: AgentFoundation): void {
  const details = {
    ...trust.about(),
    effects: policy.effects,
    labels: identity.labels,
    hostKey: identity.key.kid,
    moduleSigning: signingMode(policy, stages.facts()),
  };
  log.info(details, 'this host obeys');
}

function makeStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the state directory ${path} cannot be made`, { cause });
  }
}
