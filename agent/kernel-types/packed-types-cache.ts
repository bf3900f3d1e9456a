import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { slidingWindow } from '../../shared/limits/index.ts';
import { KERNEL_TYPES_LIMITS } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/** Types that nobody has taken for this long are dropped: agents stay small. */
const KEPT_MS = 60_000;

/**
 * A controller that gave up waiting comes back after about as long as it has waited. So types that were slow
 * to pack are kept for so many times as long as that took: otherwise a slow host packs them again each time,
 * and never in time.
 */
const KEPT_FACTOR = 3;

/** How often the types are packed at most. */
const PACKS = { most: 6, windowMs: 600_000 };

/** Packed types, the same for all parts that are taken of them. */
export interface PackedTypes {
  readonly packed: Uint8Array;
  readonly digest: Uint8Array;
}

/** Caches the packed types of this kernel as long as controllers fetch parts of them. */
export class PackedTypesCache {
  readonly #pack: () => Promise<Uint8Array>;
  readonly #mayPack: () => boolean;
  readonly #clock: Clock;
  #types: Promise<PackedTypes> | undefined;
  #forget: NodeJS.Timeout | undefined;
  #keptMs = KEPT_MS;

  constructor(pack: () => Promise<Uint8Array>, clock: Clock) {
    this.#pack = pack;
    this.#clock = clock;
    this.#mayPack = slidingWindow(clock, PACKS);
  }

  /** The types, packed now if they are not cached. Throws RATE_LIMITED, and what packing throws. */
  async take(): Promise<PackedTypes> {
    clearTimeout(this.#forget);
    this.#types ??= this.#make();
    try {
      const types = await this.#types;
      clearTimeout(this.#forget);
      this.#forget = setTimeout(() => this.clear(), this.#keptMs).unref();
      return types;
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** Forgets them. */
  clear(): void {
    clearTimeout(this.#forget);
    this.#types = undefined;
  }

  async #make(): Promise<PackedTypes> {
    if (!this.#mayPack())
      throw new FarcallError('RATE_LIMITED', `this host packed its types ${PACKS.most} times just now`);
    const startMs = this.#clock.nowMs();
    const packed = await this.#pack();
    this.#keptMs = Math.max(KEPT_MS, KEPT_FACTOR * (this.#clock.nowMs() - startMs));
    if (packed.length > KERNEL_TYPES_LIMITS.packedBytes)
      throw new FarcallError(
        'KERNEL_LACKS',
        `the types of this kernel take ${packed.length} bytes, too many`,
      );
    return { packed, digest: sha256(packed) };
  }
}
