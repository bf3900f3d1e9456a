import { constants } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import { MAX_ERRNO } from '../../shared/errno/index.ts';
import { type HostProbe, PROBE_TEXT_CHARS, PROBES_LIMIT } from '../../shared/messages/index.ts';
import type { Journal, JournalEntryOf, JournaledDenies, JournaledResident } from '../journal/index.ts';
import type { DenyCounts, KernelProbes } from '../stages/index.ts';

type DenyEnd = JournalEntryOf<'deny-end'>['why'];

/** The parts of an agent that its denies need. */
export interface HostDeniesOptions {
  readonly journal: Pick<Journal, 'denying' | 'endDenies' | 'isAborted'>;
  readonly probes: KernelProbes;
  /** Of the boot that this agent runs in. */
  readonly bootId: () => string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Logger;
}

/** What keeps the denies of this host: it tells them, and takes out those that are over. */
export interface HostDenies {
  /** Compares the kernel with the journal after a start, and logs what is taken over. */
  takeOver(): Promise<void>;
  /** Takes out what has expired, what a person has aborted, and forgets what the kernel has no more. */
  tend(): Promise<void>;
  /**
   * Those in the kernel now, for the facts of this host. Modules that the journal does not know are among
   * them.
   */
  look(): HostProbe[];
}

/**
 * Keeps the denies of this host. The module itself lets everything pass once its life is over; this takes it
 * out of the kernel then.
 *
 * Threat: somebody sets the clock, and a deny ends early or never. So lives are measured from the boot.
 */
export function hostDenies(options: HostDeniesOptions): HostDenies {
  const { journal, probes, bootId, clock, log } = options;
  let tending: Promise<void> = Promise.resolve();

  async function tendNow(): Promise<void> {
    const boot = bootId();
    const loaded = new Set(probes.loaded());
    for (const each of journal.denying()) {
      const isLoaded = each.resident.bootId === boot && loaded.has(each.resident.module);
      const why = each.isOver ? undefined : whyOver(each, { boot, isLoaded, options });
      if (why) journal.endDenies(each.intent, { why, endedAtMs: clock.nowMs() });
      if (why) log.warn({ ...about(each), why, isLoaded }, 'denies are over');
      if (isLoaded && (why || each.isOver)) await takeOut(each, options);
    }
  }

  return {
    async takeOver() {
      await this.tend();
      const known = new Map(journal.denying().map(each => [each.resident.module, each]));
      for (const module of probes.loaded()) {
        const its = known.get(module);
        if (its)
          log.warn(about(its), 'denies are in force since before this start: the agent takes them over');
        else log.error({ module }, 'a module of farcall is in the kernel that the journal does not know');
      }
    },
    tend() {
      tending = tending
        .then(tendNow)
        .catch(error => log.error({ err: error }, 'the agent cannot look after its denies'));
      return tending;
    },
    look: () => lookAt(journal.denying(), options),
  };
}

interface Now {
  readonly boot: string;
  readonly isLoaded: boolean;
  readonly options: HostDeniesOptions;
}

function whyOver(
  { intent, resident }: JournaledDenies,
  { boot, isLoaded, options: { journal, probes } }: Now,
): DenyEnd | undefined {
  if (resident.bootId !== boot) return 'reboot';
  if (journal.isAborted(intent.request)) return 'aborted';
  const uptimeMs = probes.uptimeMs();
  // A call that is still on its way is not there yet.
  if (!isLoaded) return uptimeMs < resident.startedUptimeMs + LOADED_BY_MS ? undefined : 'gone';
  return uptimeMs >= endUptimeMs(resident, probes) ? 'expired' : undefined;
}

/** A module that is not in the kernel after that time will not be. The longest call, and a little more. */
const LOADED_BY_MS = 3_600_000 + 60_000;

/** When the last deny of a module ends, since the boot: by the module itself, or by the journal. */
function endUptimeMs({ module, startedUptimeMs, denies }: JournaledResident, probes: KernelProbes): number {
  const counts = probes.read(module, denies);
  if (counts) return Math.max(...counts.map(({ untilUptimeMs }) => untilUptimeMs));
  return startedUptimeMs + LOADED_BY_MS + Math.max(...denies.map(({ lifeMs }) => lifeMs));
}

/** The journal has said before that they are over. A module that stays is tried again. */
async function takeOut(denies: JournaledDenies, { probes, log }: HostDeniesOptions): Promise<void> {
  try {
    await probes.remove(denies.resident.module);
    log.warn(about(denies), 'the module of denies is taken out');
  } catch (error) {
    log.error({ ...about(denies), err: error }, 'the module of denies that are over stays in the kernel');
  }
}

function about({ intent, resident: { module, denies } }: JournaledDenies) {
  return { module, request: intent.requestId, denies: denies.map(({ text }) => text) };
}

function lookAt(kept: readonly JournaledDenies[], { probes, bootId, clock }: HostDeniesOptions): HostProbe[] {
  const loaded = probes.loaded();
  if (loaded.length === 0) return [];
  const boot = bootId();
  const sinceBoot = { nowMs: clock.nowMs(), uptimeMs: probes.uptimeMs() };
  return loaded
    .flatMap((module): HostProbe[] => {
      const its = kept.find(({ resident }) => resident.module === module && resident.bootId === boot);
      if (!its) return [{ module, callers: [] }];
      const counts = probes.read(module, its.resident.denies);
      return its.resident.denies.map((deny, index) =>
        probeOf(its, deny, { counts: counts?.[index], ...sinceBoot }),
      );
    })
    .slice(0, PROBES_LIMIT);
}

interface Seen {
  readonly counts: DenyCounts | undefined;
  readonly nowMs: number;
  readonly uptimeMs: number;
}

function probeOf(
  { intent, resident }: JournaledDenies,
  { function: name, text, lifeMs }: JournaledResident['denies'][number],
  { counts, nowMs, uptimeMs }: Seen,
): HostProbe {
  const bootedAtMs = nowMs - uptimeMs;
  const at = (sinceBootMs: number): number => Math.max(0, bootedAtMs + sinceBootMs);
  return {
    module: resident.module,
    ...(intent.requestId !== undefined && { requestId: intent.requestId }),
    function: name.slice(0, PROBE_TEXT_CHARS),
    text: text.slice(0, PROBE_TEXT_CHARS),
    sinceMs: intent.startedAtMs,
    expiresAtMs: at(resident.startedUptimeMs + lifeMs),
    ...(counts && {
      hits: numberOf(counts.hits),
      missed: numberOf(counts.missed),
      abandoned: numberOf(counts.abandoned),
      ...(!counts.isPlaced && whyNotPlaced(counts)),
    }),
    callers: (counts?.callers ?? []).map(({ atUptimeMs, pid, tgid, uid, comm }) => {
      return { pid, tgid, uid, comm, atMs: at(atUptimeMs) };
    }),
  };
}

/** ENOENT says that there is no such function now. */
function whyNotPlaced({ errno }: DenyCounts): Pick<HostProbe, 'waiting' | 'error'> {
  return errno > 0 && errno <= MAX_ERRNO && errno !== constants.errno.ENOENT
    ? { error: errno }
    : { waiting: true };
}

function numberOf(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}
