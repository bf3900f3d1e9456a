import {
  Btf,
  type BtfEnumerator,
  type BtfKind,
  type BtfMember,
  type BtfParam,
  type TypeId,
} from '../btf/index.ts';

/** Which types were looked at, and whether at their members, enumerators or parameters too. */
export type TouchedTypes = ReadonlyMap<TypeId, { readonly inside: boolean }>;

/** A BTF that remembers which of its types are looked at. */
export class RecordingBtf extends Btf {
  readonly #touched = new Map<TypeId, { inside: boolean }>();
  readonly #recordingBase: RecordingBtf | undefined;
  /** The types found for each name that was asked for. */
  readonly finds = new Map<string, readonly TypeId[]>();

  /** `base` must record too, where `btf` is split. */
  constructor(btf: Btf, base?: RecordingBtf) {
    super(btf.blob, base);
    this.#recordingBase = base;
  }

  /** Types of this blob, not those of its base. */
  get touched(): TouchedTypes {
    return this.#touched;
  }

  override kind(id: TypeId): BtfKind {
    this.#touch(id);
    return super.kind(id);
  }

  override name(id: TypeId): string {
    this.#touch(id);
    return super.name(id);
  }

  override size(id: TypeId): number {
    this.#touch(id);
    return super.size(id);
  }

  override target(id: TypeId): TypeId {
    this.#touch(id);
    return super.target(id);
  }

  override kindFlag(id: TypeId): boolean {
    this.#touch(id);
    return super.kindFlag(id);
  }

  override intEncoding(id: TypeId): ReturnType<Btf['intEncoding']> {
    this.#touch(id);
    return super.intEncoding(id);
  }

  override array(id: TypeId): ReturnType<Btf['array']> {
    this.#touch(id);
    return super.array(id);
  }

  override members(id: TypeId): BtfMember[] {
    this.#touch(id, true);
    return super.members(id);
  }

  override enumerators(id: TypeId): BtfEnumerator[] {
    this.#touch(id, true);
    return super.enumerators(id);
  }

  override params(id: TypeId): BtfParam[] {
    this.#touch(id, true);
    return super.params(id);
  }

  override find(name: string, ...kinds: readonly BtfKind[]): TypeId[] {
    const found = super.find(name, ...kinds);
    this.finds.set(`${kinds.join(' ')} ${name}`, found);
    return found;
  }

  override findEnumerator(name: string): ReturnType<Btf['findEnumerator']> {
    const found = super.findEnumerator(name);
    this.finds.set(`enumerator ${name}`, found ? [found.type] : []);
    return found;
  }

  #touch(id: TypeId, inside = false): void {
    if (id === 0) return;
    if (id < this.firstId && this.#recordingBase) return this.#recordingBase.#touch(id, inside);
    const before = this.#touched.get(id);
    if (before) before.inside ||= inside;
    else if (id < this.endId) this.#touched.set(id, { inside });
  }
}
