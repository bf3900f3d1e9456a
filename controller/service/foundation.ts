import { randomUUID } from 'node:crypto';
import type { Prelude } from '../../agent/compiler/index.ts';
import { releasedLibrary } from '../../shared/assets/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import type { FarcallError } from '../../shared/errors/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import type { Library } from '../../shared/library/index.ts';
import { ProcessLock } from '../../shared/process-lock/index.ts';
import { brokerTls } from '../../shared/tls/index.ts';
import type { SigningKey } from '../../shared/tokens/index.ts';
import { type PinnedRoots, readRootsFile } from '../../shared/trust/index.ts';
import {
  type CheckpointMaker,
  type CheckpointWitness,
  checkpointMaker,
  checkpointWitness,
} from '../audit/index.ts';
import {
  type BrokerControl,
  type BrokerLogins,
  brokerLogins,
  nkeyOfCredentials,
  parseBrokerControl,
} from '../broker/index.ts';
import { type Bus, connectBus, systemAccount } from '../bus/index.ts';

import { type ControllerConfig, storeLocation } from '../config/index.ts';
import { type LockRegistry, openLockRegistry, withHostLocks } from '../locks/index.ts';
import type { Logger } from '../log/index.ts';
import { type ModuleSigningParts, openModuleSigning } from '../module-signing/index.ts';
import { newRequestId, readPrelude } from '../requests/index.ts';
import { openPostgresStore, openStoreThread, readStoreKey, type Store } from '../store/index.ts';
import { openTrustRegistry, type TrustRegistry, type TrustSource, trustSource } from '../trust/index.ts';
import { openControllerKey } from './open-controller-key.ts';
import { type OpenEnrolment, openEnrolment } from './open-enrolment.ts';
import { reportForgedRows } from './report-forged.ts';

/** Where a controller's services get everything from: who it is, and what was opened for it. */
export interface Foundation {
  /** The controller's name in the trust bundle, and its key. */
  readonly name: string;
  readonly key: SigningKey;
  /** Names this run of this controller among all that hold leases. */
  readonly holder: string;
  readonly store: Store;
  readonly registry: TrustRegistry;
  /** The newest bundle of the registry, while it is valid. */
  readonly trust: TrustSource;
  readonly lockRegistry: LockRegistry;
  /** Undefined if this controller cannot take logins off the broker. */
  readonly brokerLogins: BrokerLogins | undefined;
  readonly witness: CheckpointWitness;
  readonly checkpointMaker: Pick<CheckpointMaker, 'newest' | 'makeIfDue'>;
  readonly bus: Bus;
  /** Undefined if this controller signs no modules. */
  readonly moduleSigner: ModuleSigningParts | undefined;
  /** Undefined if this controller takes no enrolments. */
  readonly enrolment: OpenEnrolment | undefined;
  /** Constants that programs may use; undefined if the configuration names none. */
  readonly prelude: Prelude | undefined;
  readonly library: Library;
  /** How long a host may be silent after the last moment at which a call could end. */
  readonly hostSilenceMs: number;
  /** A new id for a request, a plan or a query. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The configuration, clock, log and stack with which a foundation is opened. */
export interface FoundationOptions {
  readonly config: ControllerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Closes what was opened, the last first. */
  readonly stack: AsyncDisposableStack;
  /** Hears that the store is lost to this process, which should end. */
  readonly lost: (error: FarcallError) => void;
}

/**
 * Opens files, store, trust, checkpoints, module key and broker, in this order. Throws FarcallError if one of
 * them cannot be opened. A missing or expired trust bundle, and a broker that is away, are no errors: both
 * may come later.
 */
export async function openFoundation(options: FoundationOptions): Promise<Foundation> {
  const { config, clock, log, stack, lost } = options;
  const { name, hostSilenceMs } = config;
  const pinned = readRootsFile(config.rootsFile);
  const key = await openControllerKey(config.key);
  const prelude = readPrelude(config.preludeFile);
  const library = releasedLibrary();
  const enrolment = openEnrolment(config, clock);
  const holder = `${name} ${randomUUID()}`;
  lockSqlite(config, stack);
  const stored = stack.adopt(await openConfiguredStore(config, { pinned, log, clock, lost }), opened =>
    opened.close(),
  );
  logCondition(stored, log);
  const registry = await openTrustRegistry({ ...stored, pinned, log });
  const lockRegistry = await openLockRegistry({ ...stored, newest: () => registry.newest()?.bundle, log });
  const store = withHostLocks(stored, lockRegistry);
  const trust = trustSource({
    ...{ site: pinned.site, clock, lockedKids: lockRegistry.lockedKids },
    newest: () => registry.newest()?.bundle,
  });
  const witness = checkpointWitness({ ...store, trust, log });
  const checkpoints = await openCheckpoints({ ...store, witness, trust, holder, name, key }, options);
  const moduleSigner = openModuleSigning(config, clock);
  if (moduleSigner) stack.defer(() => moduleSigner.deriver.close());
  const bus = stack.adopt(connectBroker(config, log), opened => opened.close());
  const logins = openBrokerLogins(config, stack);
  await rememberLogin(store, config);
  return {
    ...{ lockRegistry, brokerLogins: logins },
    ...{ name, key, holder, store, registry, trust, witness, checkpointMaker: checkpoints, bus },
    ...{ moduleSigner, enrolment, prelude, library, hostSilenceMs, newId: newRequestId, clock, log },
  };
}

type CheckpointParts = Omit<Parameters<typeof checkpointMaker>[0], 'file' | 'everyMs' | 'clock' | 'log'>;

/** The last checkpoint is made when everything that writes to the audit log has been closed. */
async function openCheckpoints(
  parts: CheckpointParts,
  { config, clock, log, stack }: FoundationOptions,
): Promise<CheckpointMaker> {
  const { checkpointFile: file, checkpointEveryMs: everyMs } = config;
  const maker = await checkpointMaker({ ...parts, file, everyMs, clock, log });
  stack.defer(() =>
    maker.make().catch(err => log.error({ err }, 'controller cannot make its last checkpoint')),
  );
  return maker;
}

/**
 * Holds the file of the store for this process alone, by a lock beside it.
 *
 * Threat: a second controller on one SQLite file sees none of the other's notices, and both drive the same
 * rollouts. SQLite itself would let both write.
 */
function lockSqlite({ store }: ControllerConfig, stack: AsyncDisposableStack): void {
  const location = storeLocation(store);
  if (!('sqlite' in location) || location.sqlite === ':memory:') return;
  const held = `another controller uses the store ${location.sqlite}; several controllers need PostgreSQL`;
  const words = { held, failed: 'STORE_FAILED' } as const;
  stack.adopt(ProcessLock.take(`${location.sqlite}.lock`, words), lock => lock.release());
}

interface StoreInputs extends Pick<FoundationOptions, 'clock' | 'log' | 'lost'> {
  /** The roots that this controller was set up with. */
  readonly pinned: PinnedRoots;
}

/** SQLite, or PostgreSQL with a line in the log whenever its connection is lost or comes back. */
async function openConfiguredStore(
  { store, storeKeyFile }: ControllerConfig,
  { pinned, log, clock, lost }: StoreInputs,
): Promise<Store> {
  const location = storeLocation(store);
  const reportForged = reportForgedRows({ clock, log });
  const parts = { clock, key: readStoreKey(storeKeyFile, pinned.site), reportForged };
  if ('sqlite' in location) return openStoreThread(location.sqlite, parts, lost);
  let wasConnected = true;
  return openPostgresStore(location.postgres, parts, (isConnected, err) => {
    if (isConnected !== wasConnected && isConnected) log.info('database is connected again');
    if (isConnected !== wasConnected && !isConnected)
      log.error({ err }, 'database connection is lost: trying to reconnect');
    wasConnected = isConnected;
  });
}

/** One line when the store begins to refuse everything, with the cause, and one when that is over. */
function logCondition({ condition }: Store, log: Logger): void {
  condition.onChange(({ state, error }, before) => {
    if (state === 'ok') log.info({ before }, 'store can be written again');
    else if (state === 'full')
      log.error({ err: error }, 'disk of the store is full: nothing can be written until there is room');
    else log.error({ err: error }, `store is ${state}: ${error?.message}`);
  });
}

function connectBroker({ name, nats }: ControllerConfig, log: Logger): Bus {
  const { servers, credentialsFile, caFile } = nats;
  const credentials = credentialsFile === undefined ? undefined : () => readSecretText(credentialsFile);
  // Read once now, so that a bad file is an error of the start, and not of a connection later.
  credentials?.();
  const tls = brokerTls(servers, caFile);
  return connectBus({ servers, name: `farcall-controller ${name}`, credentials, tls }, log);
}

function openBrokerLogins(
  { name, nats }: ControllerConfig,
  stack: AsyncDisposableStack,
): BrokerLogins | undefined {
  const { servers, controlFile, caFile } = nats;
  if (controlFile === undefined) return undefined;
  const read = (): BrokerControl => parseBrokerControl(readSecretText(controlFile), controlFile);
  const options = { servers, name: `farcall-controller ${name}`, tls: brokerTls(servers, caFile) };
  const opened = systemAccount({ ...options, credentials: () => read().credentials });
  const { use } = stack.adopt(opened, account => account.close());
  return brokerLogins(read(), use);
}

/** Keeps the nkey with which this controller logs in, so that a lock on it can name the login. */
async function rememberLogin({ locks }: Store, { name, nats }: ControllerConfig): Promise<void> {
  if (nats.credentialsFile === undefined) return;
  const nkey = await nkeyOfCredentials(readSecretText(nats.credentialsFile), nats.credentialsFile);
  await locks.rememberLogin(name, nkey);
}
