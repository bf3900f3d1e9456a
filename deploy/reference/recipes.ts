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
  /** A name of the kernel. */
  | { readonly kind: 'name' };

/** A value that the user of a recipe chooses: a `#define` right behind the comment. */
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
  const parameters = parametersOf(said.slice(FIELDS.length), definitionsAt(body), wrong);
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

/** The `#define` lines that a program begins with. */
function definitionsAt(body: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of body) {
    const [, name, value] = /^#define (\w+) (.+)$/.exec(line) ?? [];
    if (!name || !value) break;
    found.set(name, value);
  }
  return found;
}

function parametersOf(
  said: readonly (readonly [key: string, text: string])[],
  definitions: ReadonlyMap<string, string>,
  wrong: (what: string) => Error,
): RecipeParameter[] {
  const names = said.map(([key]) => key.replace(/^parameter /, ''));
  if (names.join() !== [...definitions.keys()].join())
    throw wrong(
      `the parameters of its comment (${names}) are not those that it defines (${[...definitions.keys()]})`,
    );
  return said.map(([, meaning], index) => {
    const name = names[index]!;
    const preset = definitions.get(name)!;
    const bounds = boundsIn(meaning);
    if (!isWithin(preset, bounds)) throw wrong(`${name} is not within its bounds: ${preset}`);
    return { name, preset, bounds, meaning };
  });
}

function boundsIn(meaning: string): Bounds {
  const [, least, most] = /^(-?\d+)\.\.(-?\d+), /.exec(meaning) ?? [];
  if (least !== undefined) return { kind: 'number', least: Number(least), most: Number(most) };
  const [, bytes] = /at most (\d+) characters$/.exec(meaning) ?? [];
  return bytes === undefined ? { kind: 'name' } : { kind: 'text', mostBytes: Number(bytes) };
}

/** Whether `value`, as it stands behind a `#define`, is a literal of that kind and within its bounds. */
export function isWithin(value: string, bounds: Bounds): boolean {
  switch (bounds.kind) {
    case 'number':
      return /^-?\d{1,15}$/.test(value) && bounds.least <= Number(value) && Number(value) <= bounds.most;
    case 'text':
      return /^"[ !#-[\]-~]*"$/.test(value) && value.length - 2 <= bounds.mostBytes;
    case 'name':
      return /^[A-Za-z_]\w*$/.test(value);
  }
}
