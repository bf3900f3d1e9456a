import type { LanguageService } from '../../agent/compiler/index.ts';
import type { KernelTypesRecord, KernelTypesStore } from '../store/index.ts';
import { openKernel } from './open-kernel.ts';

/** How many kernels are kept open; each takes some 30 MB. */
const OPEN_LIMIT = 4;

/** Opens kernels from the store when they are needed, and keeps the most recently used ones open. */
export class KernelCache {
  readonly #kernelTypes: Pick<KernelTypesStore, 'packed'>;
  /** By the digest of what they were opened from, those used last at the end. */
  readonly #open = new Map<string, Promise<LanguageService | undefined>>();

  constructor(kernelTypes: Pick<KernelTypesStore, 'packed'>) {
    this.#kernelTypes = kernelTypes;
  }

  /**
   * The kernel of `record`; undefined if it has been dropped from the store. Throws what `openKernel` throws.
   */
  async take(record: KernelTypesRecord): Promise<LanguageService | undefined> {
    const key = Buffer.from(record.digest).toString('hex');
    const kernel = this.#open.get(key) ?? this.#load(record);
    this.#open.delete(key);
    this.#open.set(key, kernel);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= OPEN_LIMIT) break;
      this.#open.delete(oldest);
    }
    try {
      return await kernel;
    } catch (error) {
      this.#open.delete(key);
      throw error;
    }
  }

  async #load(record: KernelTypesRecord): Promise<LanguageService | undefined> {
    const packed = await this.#kernelTypes.packed(record);
    return packed && (await openKernel(packed, record));
  }
}
