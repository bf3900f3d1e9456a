/** An ELF string table: a NUL, then names that end with one. Each name stands once. */
export class StringTable {
  readonly #offsets = new Map<string, number>();
  #text = '\0';

  /** Offset of `name`, added if it is new. */
  add(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#text.length;
    this.#offsets.set(name, offset);
    this.#text += `${name}\0`;
    return offset;
  }

  bytes(): Uint8Array {
    return Buffer.from(this.#text, 'latin1');
  }
}
