import { FarcallError } from '../errors/index.ts';
import { libraryParts } from './library-text.ts';
import { namesIn } from './names-in.ts';
import { ownNames } from './own-names.ts';
import { type LibraryItem, splitHeader } from './split-header.ts';

/** What has changed in a text in which no item can be told. */
const WHOLE = 'the whole text';

/** How a library text compares with the released library. */
export interface LibraryComparison {
  /** Items of the text, by name, in its order. */
  readonly names: readonly string[];
  /** Those that this release does not have in just these words: some, wherever the text is not its own. */
  readonly changed: readonly string[];
}

/**
 * The C library of farcall: headers in the language of call programs. What a program uses of it goes with the
 * program into the request and is signed, so that every host compiles what was approved, whatever version of
 * farcall it runs.
 */
export class Library {
  /** Headers, each after those that it uses. */
  readonly #order: readonly string[];
  readonly #items = new Map<string, readonly LibraryItem[]>();
  readonly #byName = new Map<string, LibraryItem>();

  /** `headers` maps `linux/list.h` to its text. Throws LIBRARY_INVALID. */
  constructor(headers: ReadonlyMap<string, string>) {
    for (const [header, text] of [...headers].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const items = splitHeader(header, text);
      this.#items.set(header, items);
      for (const item of items) for (const name of item.defines) this.#define(name, item);
    }
    this.#order = this.#sortHeaders();
  }

  /** Every item, in the order of a text that has them all. */
  get items(): readonly LibraryItem[] {
    return this.#order.flatMap(header => this.#items.get(header)!);
  }

  /** Every name that it defines. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Whether `linux/list.h` is a header of the library. */
  has(header: string): boolean {
    return this.#items.has(header);
  }

  /** The item that defines `name`. */
  find(name: string): LibraryItem | undefined {
    return this.#byName.get(name);
  }

  /**
   * The items that `program` uses, and what these use, as one text; empty where it uses none. What the
   * program defines itself stays as it says.
   */
  select(program: string): string {
    const own = ownNames(program);
    const used = new Set<LibraryItem>();
    const todo = [...namesIn(program)];
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const item = own.has(name) ? undefined : this.#byName.get(name);
      if (!item || used.has(item)) continue;
      used.add(item);
      todo.push(...item.mentions);
    }
    return this.#write(
      used,
      includedIn(program).filter(header => this.#items.has(header)),
    );
  }

  /**
   * How the items of `text`, a text that {@link select} of some release made, stand in this one. A text that
   * differs in anything else than its items counts as changed as a whole.
   */
  compare(text: string): LibraryComparison {
    const items = readItems(text);
    const names = items.map(({ defines }) => defines[0]!);
    const known = items.flatMap(item => this.#byName.get(item.defines[0]!) ?? []);
    if (
      this.#write(
        new Set(known),
        libraryParts(text).map(({ header }) => header),
      ) === text
    )
      return { names, changed: [] };
    const changed = items.filter(item => this.#byName.get(item.defines[0]!)?.text !== item.text);
    if (changed.length > 0) return { names, changed: changed.map(({ defines }) => defines[0]!) };
    return { names, changed: names.length > 0 ? names : [WHOLE] };
  }

  #define(name: string, item: LibraryItem): void {
    const known = this.#byName.get(name);
    if (known && known !== item)
      throw new FarcallError(
        'LIBRARY_INVALID',
        `'${name}' is defined in ${known.header} and in ${item.header}`,
      );
    this.#byName.set(name, item);
  }

  /** Throws LIBRARY_INVALID where headers use each other in a circle. */
  #sortHeaders(): string[] {
    const order: string[] = [];
    const open = new Set<string>();
    const visit = (header: string): void => {
      if (order.includes(header)) return;
      if (open.has(header))
        throw new FarcallError('LIBRARY_INVALID', `headers use each other: ${[...open, header].join(' ')}`);
      open.add(header);
      for (const { mentions } of this.#items.get(header)!)
        for (const name of mentions) {
          const used = this.#byName.get(name);
          if (used && used.header !== header) visit(used.header);
        }
      open.delete(header);
      order.push(header);
    };
    for (const header of this.#items.keys()) visit(header);
    return order;
  }

  /** Headers in `named` are there though nothing of them is used. */
  #write(used: ReadonlySet<LibraryItem>, named: readonly string[]): string {
    const parts: string[] = [];
    for (const header of this.#order) {
      const items = this.#items.get(header)!.filter(item => used.has(item));
      if (items.length > 0 || named.includes(header))
        parts.push([`/* farcall library: ${header} */`, ...items.map(({ text }) => text)].join('\n\n'));
    }
    return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`;
  }
}

/** The items of a library text; none where it is not of its form. */
function readItems(text: string): LibraryItem[] {
  try {
    return libraryParts(text).flatMap(part =>
      splitHeader(part.header, `/* ${part.header} */\n${part.text.trimStart()}`),
    );
  } catch {
    return [];
  }
}

/** The headers that a program names with `#include`. */
function includedIn(program: string): string[] {
  return [...program.matchAll(/^[ \t]*#[ \t]*include[ \t]*[<"]([\w/.-]+)[>"]/gm)].map(([, name]) => name!);
}
