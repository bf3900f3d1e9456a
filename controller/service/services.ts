import { CounterSet } from '../../shared/counters/index.ts';
import type { ModuleTrustAnchor } from '../../shared/module-signing/index.ts';
import { type CallerLimits, callerLimits } from '../api/index.ts';
import type { HostCredentials } from '../broker/index.ts';
import { HostBudgets } from '../bus/index.ts';
import type { DeriveEffects } from '../effects/index.ts';
import {
  type AbortStatementWriter,
  abortStatementWriter,
  type CommitResult,
  FactChanges,
  groupCommit,
  type HeartbeatWriter,
  HostClocks,
  heartbeatWriter,
  type JournalWriter,
  journalWriter,
} from '../gather/index.ts';
import { type HealthSource, healthSource } from '../health/index.ts';
import { HostQueries } from '../host-queries/index.ts';
import { effectsOnKernels, KernelCache } from '../kernels/index.ts';
import { type LoginEnforcer, loginEnforcer, suspendFloodingHost } from '../locks/index.ts';
import {
  type AdmissionSigner,
  admissionSigner,
  type CommittedSigner,
  committedSigner,
  type FreshnessSigner,
  freshnessSigner,
  type OrderSigner,
  orderSigner,
  querySigner,
} from '../signing/index.ts';
import type { Store } from '../store/index.ts';
import type { Foundation } from './foundation.ts';

/** The aggregates of the store, without the right to close it. */
type Aggregates = Omit<Store, 'close'>;

/** Everything that handlers of hosts and operators, and periodic tasks, work with. */
export interface Services extends Foundation, Aggregates {
  readonly counters: CounterSet;
  /** What each host may send, and which hosts sent more. */
  readonly hostBudgets: HostBudgets;
  /** Limits on the calls of operators. */
  readonly callerLimits: CallerLimits;
  /** Signs orders in the controller's name. */
  readonly signer: OrderSigner;
  /** Signs which trust bundle is the newest. */
  readonly signFreshness: FreshnessSigner;
  /** Signs that results are in the store. */
  readonly signCommitted: CommittedSigner;
  /** Has the broker refuse the logins of removed and locked hosts, and of locked controllers. */
  readonly loginEnforcer: LoginEnforcer;
  /** Commits a verified result together with others. */
  readonly commitResult: CommitResult;
  /** Keeps what hosts say about aborts. */
  readonly abortStatements: AbortStatementWriter;
  readonly heartbeatWriter: HeartbeatWriter;
  /** Bounds how often the facts of a host change in the store. */
  readonly factChanges: FactChanges;
  /** Which hosts have a wrong clock. */
  readonly hostClocks: HostClocks;
  readonly journalWriter: JournalWriter;
  /** Signs that a host may run orders. */
  readonly signAdmission: AdmissionSigner;
  readonly hostQueries: HostQueries;
  readonly kernelCache: KernelCache;
  readonly deriveEffects: DeriveEffects;
  readonly health: HealthSource;
  /** The newest checkpoint of the audit log, for hosts to keep. */
  readonly newestCheckpoint: () => string | undefined;
  /** The certificate that verifies this controller's modules; undefined if it signs none. */
  readonly moduleTrust: ModuleTrustAnchor | undefined;
  /** Undefined if this controller takes no enrolments, as is the address at which hosts enrol. */
  readonly hostCredentials: HostCredentials | undefined;
  readonly enrolmentAddress: string | undefined;
}

/**
 * Builds the services on what was opened. Nothing runs yet, but the replies of hosts to queries are
 * subscribed to. The caller stops {@link Services.heartbeatWriter},
 * {@link Services.journalWriter} and {@link Services.abortStatements}.
 */
export function buildServices(foundation: Foundation): Services {
  const { name, key, trust, store, bus, clock, log, moduleSigner, enrolment } = foundation;
  const counters = new CounterSet();
  const enforcer = loginEnforcer({
    ...{ ...store, lockRegistry: foundation.lockRegistry, brokerLogins: foundation.brokerLogins },
    ...{ clock, log },
    credentialLifeMs: enrolment?.hostCredentials.lifeMs ?? 0,
  });
  const suspend = suspendFloodingHost({ ...store, loginEnforcer: enforcer, log });
  const hostBudgets = new HostBudgets({ clock, counters, log, flooded: host => void suspend(host) });
  const controller = { name, site: trust.site, key };
  const signCommitted = committedSigner(controller, clock);
  const signQuery = querySigner(controller, clock);
  const kernelCache = new KernelCache(store.kernelTypes);
  return {
    ...store,
    ...foundation,
    counters,
    hostBudgets,
    callerLimits: callerLimits(clock, counters),
    factChanges: new FactChanges(clock),
    hostClocks: new HostClocks(clock),
    signer: orderSigner(name, key, trust, clock),
    signFreshness: freshnessSigner({ name, key, newest: () => foundation.registry.newest(), clock }),
    signCommitted,
    loginEnforcer: enforcer,
    commitResult: groupCommit({ ...store, signCommitted }),
    abortStatements: abortStatementWriter({ ...store, log }),
    heartbeatWriter: heartbeatWriter({ ...store, log }),
    journalWriter: journalWriter({ ...store, log }),
    signAdmission: admissionSigner(controller, clock),
    hostQueries: new HostQueries({ ...store, trust, bus, signQuery, counters, hostBudgets, clock, log }),
    kernelCache,
    deriveEffects: effectsOnKernels({ ...store, kernelCache, log }),
    health: healthSource({ ...store, bus, clock }),
    newestCheckpoint: foundation.checkpointMaker.newest,
    moduleTrust: moduleSigner?.key.certificate,
    hostCredentials: enrolment?.hostCredentials,
    enrolmentAddress: enrolment?.address,
  };
}
