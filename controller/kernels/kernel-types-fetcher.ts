import { setTimeout as sleep } from 'node:timers/promises';
import type { CounterSet } from '../../shared/counters/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { Logger } from '../log/index.ts';
import { knownHost } from '../requests/index.ts';
import type { HostStore, KernelBuild, KernelTypesStore, LeaseStore } from '../store/index.ts';
import { type FetchTypesDeps, fetchTypes } from './fetch-types.ts';
import { buildKey, buildName, type FleetKernel, fleetKernels } from './kernel-builds.ts';
import { openKernel } from './open-kernel.ts';
import { RetryBackoff } from './retry-backoff.ts';

/**
 * How often the fetcher checks whether hosts have said hello. After it has read all hosts, it waits this many
 * times as long as that took, since hosts of a large fleet say hello all the time.
 */
const LOOK_MS = 1000;
const REST_FACTOR = 50;
/** How many hosts are asked for one kernel, one after the other, before it is the next kernel's turn. */
const HOSTS_LIMIT = 3;
/** How many kernels are stored before those that no host runs any more are dropped. */
const KEPT_LIMIT = 64;

const LEASE = { name: 'kernel-types', ttlMs: 300_000 };

/** Inputs of {@link KernelTypesFetcher}, by reference; owned by the caller. */
export interface KernelTypesFetcherDeps extends FetchTypesDeps {
  readonly hosts: Pick<HostStore, 'all'>;
  readonly kernelTypes: KernelTypesStore;
  readonly leases: LeaseStore;
  readonly counters: CounterSet;
  readonly log: Logger;
  /** Names this run of this controller. */
  readonly holder: string;
}

/**
 * Fetches the types of each kernel of the fleet into the store: from one host that runs it, and from another
 * if that fails. Of several controllers, one fetches at a time.
 *
 * Threat: a controller that asks again and again would flood hosts and broker. It asks one host at a time,
 * one part after the other, only for what is missing, and waits longer after each failure. Hosts limit what
 * they answer, too.
 */
export class KernelTypesFetcher {
  readonly #deps: KernelTypesFetcherDeps;
  readonly #backoff: RetryBackoff;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #round: Promise<void> | undefined;
  #hellosSeen = -1;
  #readingMs = 0;

  /** Begins to fetch. */
  constructor(deps: KernelTypesFetcherDeps) {
    this.#deps = deps;
    this.#backoff = new RetryBackoff(deps.clock);
    this.#running = this.#run();
  }

  /** Why the types of this build are not known; undefined if nothing was tried. */
  problemOf(build: KernelBuild): string | undefined {
    return this.#backoff.problemOf(buildKey(build));
  }

  /** Fetches what is missing now, and waits for it for at most `limitMs`. */
  async fetchMissing(limitMs: number): Promise<void> {
    const enough = new AbortController();
    const late = sleep(limitMs, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([this.#look(), late]);
    enough.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#round;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#hasNews()) await this.#look();
      const restMs = Math.max(LOOK_MS, REST_FACTOR * this.#readingMs);
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Whether a host has said hello or a new try is due. Reading all hosts of a large fleet takes too long to
   * do without.
   */
  #hasNews(): boolean {
    const hellos = this.#deps.counters.all()['hello.ok'] ?? 0;
    const news = hellos !== this.#hellosSeen || this.#backoff.isDue();
    this.#hellosSeen = hellos;
    return news;
  }

  #look(): Promise<void> {
    this.#round ??= this.#fetchAll()
      .catch(err => this.#deps.log.error({ err }, 'fetcher of kernel types failed'))
      .finally(() => {
        this.#round = undefined;
      });
    return this.#round;
  }

  async #fetchAll(): Promise<void> {
    const missing = await this.#missing();
    if (missing.length === 0) return;
    const { leases, holder } = this.#deps;
    const lease = await leases.acquire({ ...LEASE, holder });
    if (!lease) return;
    try {
      // The holder of the lease before may have fetched some of them.
      for (const kernel of await this.#missing()) {
        if (this.#stop.signal.aborted) return;
        if (!(await leases.renew({ ...LEASE, epoch: lease.epoch }))) return;
        await this.#fetchOne(kernel);
      }
    } finally {
      await leases.release({ name: LEASE.name, epoch: lease.epoch });
    }
  }

  /** Kernels of the fleet that the store does not have, and for which a try is due. */
  async #missing(): Promise<readonly FleetKernel[]> {
    const startMs = performance.now();
    const kernels = fleetKernels((await this.#deps.hosts.all()).map(knownHost));
    this.#readingMs = performance.now() - startMs;
    const known = await this.#tidy(kernels);
    return kernels.filter(
      ({ build }) => !known.has(buildKey(build)) && this.#backoff.mayTry(buildKey(build)),
    );
  }

  /**
   * Drops types from hosts that were removed, and surplus types that no host runs. Returns the keys of what
   * is left.
   */
  async #tidy(kernels: readonly FleetKernel[]): Promise<ReadonlySet<string>> {
    const { kernelTypes } = this.#deps;
    const hosts = new Set(kernels.flatMap(kernel => kernel.hosts.map(({ record }) => record.host)));
    const running = new Set(kernels.map(({ build }) => buildKey(build)));
    const records = await kernelTypes.list();
    const left = new Set<string>();
    let surplus = records.length - KEPT_LIMIT;
    for (const record of records) {
      const isRun = running.has(buildKey(record));
      if ((isRun && !hosts.has(record.host)) || (!isRun && surplus-- > 0)) await kernelTypes.drop(record);
      else left.add(buildKey(record));
    }
    return left;
  }

  async #fetchOne({ build, hosts }: FleetKernel): Promise<void> {
    const key = buildKey(build);
    const failed: string[] = [];
    for (const { record } of this.#backoff.inTurn(key, hosts).slice(0, HOSTS_LIMIT)) {
      const problem = await this.#fetchFrom(record.host, build);
      if (problem === undefined) return this.#backoff.succeeded(key);
      if (this.#stop.signal.aborted) return;
      failed.push(problem);
    }
    this.#backoff.failed(key, failed[0] ?? 'no host has it');
  }

  /** Fetches, verifies and stores the types from one host. Returns what went wrong, if anything did. */
  async #fetchFrom(host: string, build: KernelBuild): Promise<string | undefined> {
    const { kernelTypes, log } = this.#deps;
    const startMs = performance.now();
    try {
      const packed = await fetchTypes(this.#deps, { host, build, signal: this.#stop.signal });
      const { functionCount: functions } = await openKernel(packed, build);
      await kernelTypes.keep({ ...build, digest: sha256(packed), packed, functions, host });
      const about = { host, kernel: buildName(build), functions, packedBytes: packed.length };
      log.info({ ...about, tookMs: Math.round(performance.now() - startMs) }, 'kernel types fetched');
      return undefined;
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      log.warn({ host, kernel: buildName(build), code, reason: message }, 'kernel types not fetched');
      return message;
    }
  }
}
