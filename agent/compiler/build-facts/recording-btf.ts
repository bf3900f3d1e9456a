import {
  Btf,
  type BtfEnumerator,
  type BtfKind,
  type BtfMember,
  type BtfParam,
  type TypeId,
} from '../btf/index.ts';

/** Which types were looked at, and whether at their members, enumerators or parameters too. */
export type RecordedTypes = ReadonlyMap<TypeId, { readonly inside: boolean }>;

/** A BTF that remembers which of its types are looked at. */
export class RecordingBtf extends Btf {
  readonly #recorded = new Map<TypeId, { inside: boolean }>();
  readonly #recordingBase: RecordingBtf | undefined;
  /** The types found for each name that was asked for. */
  readonly finds = new Map<string, readonly TypeId[]>();

  /** `base` must record too, where `btf` is split. */
  constructor(btf: Btf, base?: RecordingBtf) {
    super(btf.blob, base);
    this.#recordingBase = base;
  }

  /** Types of this blob, not those of its base. */
  get recorded(): RecordedTypes {
    return this.#recorded;
  }

  override kind(id: TypeId): BtfKind {
    this.#record(id);
    return super.kind(id);
  }

  override name(id: TypeId): string {
    this.#record(id);
    return super.name(id);
  }

  override size(id: TypeId): number {
    this.#record(id);
    return super.size(id);
  }

  override target(id: TypeId): TypeId {
    this.#record(id);
    return super.target(id);
  }

  override kindFlag(id: TypeId): boolean {
    this.#record(id);
    return super.kindFlag(id);
  }

  override intEncoding(id: TypeId): ReturnType<Btf['intEncoding']> {
    this.#record(id);
    return super.intEncoding(id);
  }

  override array(id: TypeId): ReturnType<Btf['array']> {
    this.#record(id);
    return super.array(id);
  }

  override members(id: TypeId): BtfMember[] {
    this.#record(id, true);
    return super.members(id);
  }

  override enumerators(id: TypeId): BtfEnumerator[] {
    this.#record(id, true);
    return super.enumerators(id);
  }

  override params(id: TypeId): BtfParam[] {
    this.#record(id, true);
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

  #record(id: TypeId, inside = false): void {
    if (id === 0) return;
    if (id < this.firstId && this.#recordingBase) return this.#recordingBase.#record(id, inside);
    const before = this.#recorded.get(id);
    if (before) before.inside ||= inside;
    else if (id < this.endId) this.#recorded.set(id, { inside });
  }
}
