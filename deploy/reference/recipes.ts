import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const FOLDER = new URL('../../recipes/', import.meta.url);

const EFFECTS = ['read', 'call', 'write'] as const;

/** What a recipe says about itself before its program begins, in this order. */
const FIELDS = ['effect', 'when', 'does', 'risk', 'undo'] as const;

/** What may stand in a parameter's place. */
export type Bounds =
  /** An integer, both ends included. */
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  /** A string literal of so many bytes. */
  | { readonly kind: 'text'; readonly mostBytes: number }
  /** One of these variables of the kernel. */
  | { readonly kind: 'symbol'; readonly names: readonly string[] };

/** A value that the user of a recipe chooses: declared right behind the comment. */
export interface RecipeParameter {
  readonly name: string;
  /** As it stands in the file. */
  readonly preset: string;
  readonly bounds: Bounds;
  /** What it is, with its bounds, in words. */
  readonly meaning: string;
}

/** A program of `recipes/`, and what its comment says. */
export interface Recipe {
  /** The name of the file, without its ending. */
  readonly name: string;
  /** The folder that it is in. */
  readonly subject: string;
  /** Relative to the top of the checkout. */
  readonly path: string;
  /** The whole file: what is requested and signed. */
  readonly program: string;
  readonly title: string;
  readonly effect: (typeof EFFECTS)[number];
  readonly when: string;
  readonly does: string;
  readonly risk: string;
  readonly undo: string;
  readonly parameters: readonly RecipeParameter[];
}

/** All recipes, by subject and name. Throws an Error that names the file where one is not as it must be. */
export function allRecipes(): Recipe[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.c'))
    .sort()
    .map(file => readRecipe(`recipes/${file}`, readFileSync(new URL(file, FOLDER), 'utf8')));
}

/** Reads one recipe: `program` is the file at `path`. Throws an Error that names the file. */
export function readRecipe(path: string, program: string): Recipe {
  const wrong = (what: string): Error => new Error(`${path}: ${what}`);
  const [head, body] = split(program);
  const [title, blank, ...lines] = head;
  if (title === undefined || !title.endsWith('.') || blank !== '')
    throw wrong('it begins with a sentence that says what it is, and an empty comment line');
  const said = joined(lines).map(line => {
    const [, key, text] = /^(\w+(?: \w+)?): (.+)$/.exec(line) ?? [];
    if (!key || !text) throw wrong(`nobody knows what this is: ${line}`);
    return [key, text] as const;
  });
  FIELDS.forEach((field, index) => {
    if (said[index]?.[0] !== field) throw wrong(`its line ${index + 1} of five is not \`${field}: …\``);
  });
  const effect = EFFECTS.find(each => each === said[0]![1]);
  if (!effect) throw wrong(`its effect is none of ${EFFECTS.join(', ')}`);
  const [when, does, risk, undo] = said.slice(1, FIELDS.length).map(([, text]) => text) as [
    ...[string, string, string, string],
  ];
  const parameters = parametersOf(said.slice(FIELDS.length), declarationsAt(body), wrong);
  return {
    ...{ name: basename(path, '.c'), subject: basename(dirname(path)), path, program, title },
    ...{ effect, when, does, risk, undo, parameters },
  };
}

/** The leading comment without its slashes, and the lines behind it. */
function split(program: string): readonly [head: string[], body: string[]] {
  const lines = program.split('\n');
  const end = lines.findIndex(line => !line.startsWith('//'));
  return [lines.slice(0, end).map(line => line.slice(3)), lines.slice(end)];
}

/** A line that is indented goes on with the one before. */
function joined(lines: readonly string[]): string[] {
  const found: string[] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (line.startsWith('  ') && last !== undefined) found[found.length - 1] = `${last} ${line.trim()}`;
    else found.push(line);
  }
  return found;
}

/** The declarations of parameters that a program begins with: what each may be, and its preset. */
function declarationsAt(body: readonly string[]): ReadonlyMap<string, Declared> {
  const found = new Map<string, Declared>();
  for (const line of body) {
    const [, kind, name, within, preset] = DECLARATION.exec(line) ?? [];
    if (!kind || !name || !within || !preset) break;
    found.set(name, { kind, within, preset });
  }
  return found;
}

const DECLARATION = /^parameter (int|string|enum|symbol) (\w+) in (.+?) = (.+);$/;

interface Declared {
  readonly kind: string;
  /** What stands behind `in`. */
  readonly within: string;
  readonly preset: string;
}

function parametersOf(
  said: readonly (readonly [key: string, text: string])[],
  declared: ReadonlyMap<string, Declared>,
  wrong: (what: string) => Error,
): RecipeParameter[] {
  const names = said.map(([key]) => key.replace(/^parameter /, ''));
  if (names.join() !== [...declared.keys()].join())
    throw wrong(
      `the parameters of its comment (${names}) are not those that it declares (${[...declared.keys()]})`,
    );
  return said.map(([, meaning], index) => {
    const name = names[index]!;
    const { kind, within, preset } = declared.get(name)!;
    const bounds = boundsIn(meaning, within);
    const spelled = spellBounds(bounds);
    if (`${kind} ${within}` !== spelled)
      throw wrong(`${name} is declared as ${kind} in ${within}, and its comment says ${spelled}`);
    if (!isWithin(preset, bounds)) throw wrong(`${name} is not within its bounds: ${preset}`);
    return { name, preset, bounds, meaning };
  });
}

function boundsIn(meaning: string, within: string): Bounds {
  const [, least, most] = /^(-?\d+)\.\.(-?\d+), /.exec(meaning) ?? [];
  if (least !== undefined) return { kind: 'number', least: Number(least), most: Number(most) };
  const [, bytes] = /at most (\d+) characters$/.exec(meaning) ?? [];
  if (bytes !== undefined) return { kind: 'text', mostBytes: Number(bytes) };
  return { kind: 'symbol', names: within.split(', ') };
}

/** The bounds as a declaration has them. */
function spellBounds(bounds: Bounds): string {
  switch (bounds.kind) {
    case 'number':
      return `int ${bounds.least}..${bounds.most}`;
    case 'text':
      return `string 1..${bounds.mostBytes}`;
    case 'symbol':
      return `symbol ${bounds.names.join(', ')}`;
  }
}

/** Whether `value`, as it stands in a declaration, is a literal of that kind and within its bounds. */
export function isWithin(value: string, bounds: Bounds): boolean {
  switch (bounds.kind) {
    case 'number':
      return /^-?\d{1,15}$/.test(value) && bounds.least <= Number(value) && Number(value) <= bounds.most;
    case 'text':
      return /^"[ !#-[\]-~]*"$/.test(value) && value.length - 2 <= bounds.mostBytes;
    case 'symbol':
      return bounds.names.includes(value);
  }
}
