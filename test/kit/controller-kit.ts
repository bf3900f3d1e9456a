import { checkpointWitness } from '../../controller/audit/index.ts';
import type { Bus, BusMessage } from '../../controller/bus/index.ts';
import { publishOrders } from '../../controller/dispatch/index.ts';
import { hostManagement, submitHostLabels, submitHostRemoval } from '../../controller/enrolment/index.ts';
import { receiveHello } from '../../controller/gather/index.ts';
import type { HealthSource } from '../../controller/health/index.ts';
import {
  type LockRegistry,
  lockManagement,
  openLockRegistry,
  withHostLocks,
} from '../../controller/locks/index.ts';
import { createLogger } from '../../controller/log/index.ts';
import type { ModuleSigningParts } from '../../controller/module-signing/index.ts';
import { type CreateRequestDeps, createRequest, prepareRequest } from '../../controller/requests/index.ts';
import { resultSummaryText } from '../../controller/result-summary/index.ts';
import { type DriveDeps, driveRollout, submitAction } from '../../controller/rollout/index.ts';
import {
  type AdvanceDeps,
  advanceRequest,
  buildServices,
  type Foundation,
} from '../../controller/service/index.ts';
import { type NewResult, openStore, type ResultEffect, type Store } from '../../controller/store/index.ts';
import { type TrustRegistry, trustSource } from '../../controller/trust/index.ts';
import { releasedLibrary } from '../../shared/assets/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  type CallDraft,
  type CallRequest,
  type HostLabelsView,
  type HostRemovalView,
  type LockView,
  type OrderEnvelope,
  orderEnvelopeCodec,
} from '../../shared/messages/index.ts';
import type { TokenContent } from '../../shared/tokens/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';
import { BUNDLE, HOSTS, KEYS, type Member, SITE, START_MS } from './cast.ts';
import {
  abortOf,
  acceptanceOf,
  actionOf,
  approvalOf,
  hostLabelsOf,
  hostRemovalOf,
  lockOf,
  requestTokenOf,
  unlockOf,
  withdrawalOf,
} from './decisions.ts';
import { enrolmentOf, hostKeysBy } from './enrolment-kit.ts';
import { helloOf } from './host-statements.ts';
import { storeParts } from './store-kit.ts';

/** A clock that stands still until it is told otherwise. */
export interface TestClock extends Clock {
  advance(byMs: number): void;
}

/** A clock at {@link START_MS}. */
export function testClock(): TestClock {
  let nowMs = START_MS;
  return {
    nowMs: () => nowMs,
    advance(byMs) {
      nowMs += byMs;
    },
  };
}

/** A bus that goes nowhere: it remembers what was published, and can be told to be away. */
export interface TestBus extends Bus {
  readonly published: { readonly subject: string; readonly bytes: Uint8Array }[];
  isAway: boolean;
  /** Hands a message to the subscribers of `pattern`. */
  deliver(pattern: string, message: BusMessage): Promise<void>;
}

/** A bus for tests. */
export function testBus(): TestBus {
  const handlers = new Map<string, (message: BusMessage) => Promise<void> | undefined>();
  const bus: TestBus = {
    published: [],
    isAway: false,
    async publish(subject, bytes) {
      if (bus.isAway) throw new FarcallError('UNREACHABLE', 'the broker is away');
      bus.published.push({ subject, bytes });
    },
    send(subject, bytes) {
      if (bus.isAway) throw new FarcallError('UNREACHABLE', 'the broker is away');
      bus.published.push({ subject, bytes });
    },
    subscribe(subject, handle, { admit } = {}) {
      handlers.set(subject, message => (admit && !admit(message) ? undefined : handle(message)));
    },
    onConnected: () => undefined,
    connectedSinceMs: () => (bus.isAway ? undefined : START_MS),
    awaySinceMs: () => (bus.isAway ? START_MS : undefined),
    close: async () => undefined,
    deliver: async (pattern, message) => handlers.get(pattern)?.(message),
  };
  return bus;
}

/** A draft that passes. */
export const DRAFT: CallDraft & Pick<CallRequest, 'effect'> = {
  program: '_printk("hello\\n")',
  selector: 'env=demo',
  reason: 'say hello',
  policy: 'standard',
  effect: 'call',
  lifetimeMs: 3_600_000,
  timeoutMs: 30_000,
};

const FIRST_ID = 1000;

/** The parts get their bundle without roots; tests of publishing open a registry of their own. */
const noRegistry: TrustRegistry = {
  newest: () => undefined,
  refresh: async () => undefined,
  onChange: () => undefined,
  publish: async () => {
    throw new Error('this test has no registry');
  },
};

/**
 * The parts of a controller on a store in memory (or in `storeFile`), with a clock and a bus that tests
 * command.
 */
export function controllerParts(bundle: TrustBundle = BUNDLE, storeFile = ':memory:') {
  const clock = testClock();
  return partsOn(openStore(storeFile, storeParts(clock)), clock, bundle);
}

/** The parts of a controller on `store`, which goes by `clock`. */
export function partsOn(store: Store, clock: TestClock, bundle: TrustBundle = BUNDLE) {
  const bus = testBus();
  const services = buildServices(testFoundation(store, bus, { clock, bundle }));
  const health: HealthSource = { unhealthyOf: async () => new Map() };
  const ordered = (): void => undefined;
  return {
    ...services,
    ...{ bus, clock, health, ordered },
    drive: drivingOn({ ...services, health, ordered }),
    prelude: undefined,
    hostCredentials: undefined,
    moduleSigner: undefined as ModuleSigningParts | undefined,
    enrolmentAddress: 'ctl.example.org:7440',
  };
}

interface TestFoundationOptions {
  readonly clock: TestClock;
  readonly bundle: TrustBundle;
}

/** What {@link partsOn} builds its services on; the trust bundle is fixed, and ids count up. */
function testFoundation(stored: Store, bus: TestBus, { clock, bundle }: TestFoundationOptions): Foundation {
  const log = createLogger('silent');
  const lockRegistry = testLocks(stored, bundle);
  const store = withHostLocks(stored, lockRegistry);
  const { lockedKids } = lockRegistry;
  const trust = trustSource({ site: SITE, newest: () => bundle, clock, lockedKids });
  let id = FIRST_ID;
  return {
    ...{ name: 'ctl-1', key: KEYS['ctl-1'], holder: 'ctl 1', lockRegistry, brokerLogins: undefined },
    ...{ store, trust, registry: noRegistry, witness: checkpointWitness({ ...store, trust, log }) },
    checkpointMaker: { newest: () => undefined, makeIfDue: async () => undefined },
    ...{
      bus,
      moduleSigner: undefined,
      enrolment: undefined,
      prelude: undefined,
      library: releasedLibrary(),
      hostSilenceMs: 30_000,
    },
    newId: () => `req${(id++).toString()}`,
    ...{ clock, log },
  };
}

/** Locks that are read when a test says so. */
function testLocks(store: Store, bundle: TrustBundle): LockRegistry {
  const log = createLogger('silent');
  let opened: LockRegistry | undefined;
  const deps = { ...store, newest: () => bundle, log };
  return {
    all: () => opened?.all() ?? [],
    lockedKids: () => opened?.lockedKids() ?? NO_KIDS,
    async refresh() {
      if (opened) return opened.refresh();
      opened = await openLockRegistry(deps);
      return true;
    },
  };
}

const NO_KIDS: ReadonlySet<string> = new Set();

/** Drives as a controller that is alone. */
export function drivingOn(deps: DriveDeps): (requestId: string) => Promise<void> {
  return async requestId => void (await driveRollout(deps, requestId, async () => undefined));
}

/** What {@link controllerParts} makes. */
export type ControllerParts = ReturnType<typeof controllerParts>;

/** Makes the hosts hosts; they have not said hello. */
export async function enrolAll(parts: ControllerParts, hosts = Object.values(HOSTS)): Promise<void> {
  const nowMs = parts.clock.nowMs();
  for (const host of hosts) {
    const { name, labels = {} } = host;
    const { secret, submission } = await enrolmentOf('bob', { host: name, labels, nowMs });
    await hostManagement(parts).create(submission, 'bob');
    await parts.enrolments.redeem(await hostKeysBy(host, secret, { nowMs }));
  }
}

/** Enrols the hosts and has them say hello. */
export async function introduce(parts: ControllerParts, hosts = Object.values(HOSTS)): Promise<void> {
  await enrolAll(parts, hosts);
  for (const host of hosts) {
    await receiveHello(parts, { host: host.name, bytes: await helloOf(host, parts.clock.nowMs()) });
  }
}

/** Has `requester` ask for a call: prepares the request, signs it and hands it in; its id. */
export async function requestBy(
  deps: CreateRequestDeps,
  requester: Member,
  draft: CallDraft,
): Promise<string> {
  const { request: bytes } = await prepareRequest(deps, requester, draft);
  const token = await requestTokenOf(requester, bytes, { nowMs: deps.clock.nowMs() });
  return createRequest(deps, { bytes, token, submittedBy: requester });
}

/** What an approval of tests says beside who and what. */
export interface ApprovalOverrides {
  readonly iat?: number;
  readonly exp?: number;
  readonly iss?: string;
  readonly decision?: 'approve' | 'reject';
  readonly requestBytes?: Uint8Array;
}

async function bytesOf(parts: ControllerParts, id: string): Promise<Uint8Array> {
  return (await parts.requests.find(id))?.bytes ?? new Uint8Array();
}

/** A token by which `person` approves request `id`. */
export async function approvalBy(
  parts: ControllerParts,
  person: Member,
  id: string,
  overrides: ApprovalOverrides = {},
): Promise<string> {
  const { requestBytes = await bytesOf(parts, id), ...claims } = overrides;
  return approvalOf(person, requestBytes, { nowMs: parts.clock.nowMs(), ...claims });
}

/** A token by which `person` takes `token` back. */
export async function withdrawalBy(
  parts: ControllerParts,
  person: Member,
  { id, ...claims }: { readonly id: string; readonly token: string; readonly exp?: number },
): Promise<string> {
  return withdrawalOf(person, await bytesOf(parts, id), { nowMs: parts.clock.nowMs(), ...claims });
}

/** A token by which somebody aborts request `id` for as long as it lives. */
export async function abortBy(
  parts: ControllerParts,
  person: Member,
  id: string,
  overrides: { readonly exp?: number; readonly req?: string } = {},
): Promise<string> {
  const exp = Math.ceil(((await parts.requests.find(id))?.expiresAtMs ?? 0) / 1000);
  return abortOf(person, await bytesOf(parts, id), { nowMs: parts.clock.nowMs(), exp, ...overrides });
}

/** Signs for the removal of a host as `person`, and hands that in. */
export async function signRemoval(
  parts: ControllerParts,
  person: Member,
  host: string,
  changes: Partial<TokenContent<'hostRemoval'>> = {},
): Promise<HostRemovalView> {
  const { kid } = await parts.hostRemovals.find(host);
  const token = await hostRemovalOf(person, { nowMs: parts.clock.nowMs(), host, kid, ...changes });
  return submitHostRemoval(parts, { host, token, submittedBy: person });
}

/** Signs for other labels of a host as `person`, and hands that in. */
export async function signLabels(
  parts: ControllerParts,
  person: Member,
  host: string,
  changes: Partial<TokenContent<'hostLabels'>> = {},
): Promise<HostLabelsView> {
  const { kid, number } = await parts.hostLabels.find(host);
  const about = { host, kid, number: number + 1, labels: { role: 'db' } };
  const token = await hostLabelsOf(person, { nowMs: parts.clock.nowMs(), ...about, ...changes });
  return submitHostLabels(parts, { host, token, submittedBy: person });
}

/** Locks something as `person`, by their signature. */
export async function lock(
  parts: ControllerParts,
  person: Member,
  { kind, ...about }: Pick<LockView, 'kind' | 'name'> & { readonly reason?: string },
): Promise<LockView> {
  const token = await lockOf(person, { nowMs: parts.clock.nowMs(), what: kind, ...about });
  return lockManagement(parts).lock({ token }, person);
}

/** Ends a lock of those known, as `person`, by their signature. Throws NOT_FOUND if it does not stand. */
export async function unlock(
  parts: ControllerParts,
  person: Member,
  { kind, name }: Pick<LockView, 'kind' | 'name'>,
  known: readonly LockView[] = lockManagement(parts).list(),
): Promise<LockView> {
  const found = known.find(each => each.kind === kind && each.name === name);
  const token = await unlockOf(person, { nowMs: parts.clock.nowMs(), token: found?.token ?? 'none' });
  return lockManagement(parts).unlock({ token }, person);
}

/** Lets a held host go on as `person`, by their signature; resolves to the time of that. */
export async function acceptHost(parts: ControllerParts, person: Member, host: string): Promise<number> {
  const { kid, sinceMs: heldMs } = await parts.hostJournals.hold(host);
  const token = await acceptanceOf(person, { nowMs: parts.clock.nowMs(), host, kid, heldMs });
  return (await hostManagement(parts).accept({ host, token }, person)).acceptedAtMs;
}

/** Has bob and carol remove a host. */
export async function removeHost(parts: ControllerParts, host: string): Promise<void> {
  await signRemoval(parts, 'bob', host);
  await signRemoval(parts, 'carol', host);
}

/** Acts on the rollout of request `id` as `person`, at the wave where it is unless told otherwise. */
export async function act(
  parts: ControllerParts,
  person: Member,
  {
    id,
    ...action
  }: { readonly id: string } & Partial<TokenContent<'action'>> & Pick<TokenContent<'action'>, 'action'>,
): Promise<void> {
  const { wave } = await parts.rollouts.find(id);
  const bytes = await bytesOf(parts, id);
  const token = await actionOf(person, bytes, { nowMs: parts.clock.nowMs(), wave, ...action });
  await submitAction(parts, { requestId: id, token, submittedBy: person });
}

/** Stores an approval that was made by `approvalBy`, as it is after verification. */
export function approve(
  parts: ControllerParts,
  person: Member,
  { id, token }: { readonly id: string; readonly token: string },
): Promise<void> {
  const decision = { approver: person, decision: 'approve', reason: '' } as const;
  const { version: trustVersion } = parts.trust.current();
  return parts.approvals.add({ requestId: id, ...decision, token, submittedBy: person, trustVersion });
}

/** Commits one result; throws what the store has against it. */
export async function commitOne(
  parts: ControllerParts,
  result: Omit<NewResult, 'summary'>,
): Promise<ResultEffect> {
  const { attempt, outcome } = result;
  const summary = resultSummaryText({ attempt, outcome });
  const [verdict] = await parts.outcomes.commitAll([{ ...result, summary }]);
  if (verdict && 'effect' in verdict) return verdict.effect;
  throw verdict?.error;
}

/** A request that bob and carol approved and whose order is published. */
export async function dispatched(
  parts: ControllerParts,
  draft: CallDraft = DRAFT,
): Promise<{ id: string; order: OrderEnvelope; envelope: Uint8Array }> {
  const id = await requestBy(parts, 'alice', draft);
  for (const person of ['bob', 'carol'] as const) {
    const token = await approvalBy(parts, person, id);
    await approve(parts, person, { id, token });
  }
  await advanceRequest(parts satisfies AdvanceDeps, id);
  await publishOrders(parts);
  const envelope = parts.bus.published.at(-1)?.bytes ?? new Uint8Array();
  return { id, order: orderEnvelopeCodec.decode(envelope), envelope };
}

/** The code of the FarcallError that `work` throws; fails where it throws something else or nothing. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FarcallError) return error.code;
    throw error;
  }
  throw new Error('nothing was thrown');
}
