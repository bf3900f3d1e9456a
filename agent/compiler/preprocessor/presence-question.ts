/** A token of a question, as it is spelled. */
export interface QuestionToken {
  readonly kind: string;
  readonly text: string;
}

/** What a program asks of the kernel that it is compiled for. */
export type PresenceQuestion =
  /** `__has_type(struct net)`; without a tag it is a typedef. */
  | { readonly kind: 'type'; readonly type: QuestionedType }
  /** `__has_member(struct net, ns.count)`. */
  | { readonly kind: 'member'; readonly type: QuestionedType; readonly path: readonly string[] }
  | { readonly kind: 'symbol'; readonly name: string; readonly module: string | undefined }
  | { readonly kind: 'enumerator'; readonly name: string }
  /** `__has_parameters(thaw_super, 2)`: a function of that name takes so many. */
  | {
      readonly kind: 'parameters';
      readonly name: string;
      readonly module: string | undefined;
      readonly count: number;
    }
  /** `LINUX_VERSION_CODE`: the release as a number. */
  | { readonly kind: 'version' };

/** The type of a question, by tag and name. */
export interface QuestionedType {
  readonly tag: 'struct' | 'union' | 'enum' | undefined;
  readonly name: string;
}

/** The words that ask, each with the form of its question. */
export const PRESENCE_WORDS: ReadonlyMap<string, string> = new Map([
  ['__has_type', '__has_type(struct name)'],
  ['__has_member', '__has_member(struct name, member.member)'],
  ['__has_symbol', '__has_symbol(name)'],
  ['__has_enumerator', '__has_enumerator(NAME)'],
  ['__has_parameters', '__has_parameters(function, 2)'],
]);

/** The release of a kernel as a number, as include/linux/version.h has it. */
export const VERSION_WORD = 'LINUX_VERSION_CODE';

const TAGS = new Set(['struct', 'union', 'enum']);

/** The question as people write it: `__has_member(struct net, ns.count)`. */
export function questionText(word: string, args: readonly QuestionToken[]): string {
  const spelled = args.map(({ text }) => text).join(' ');
  return `${word}(${spelled.replace(/ ?([.@]) ?/g, '$1').replace(/ , /g, ', ')})`;
}

function isPunctuator(token: QuestionToken | undefined, text: string): boolean {
  return token?.kind === 'punctuator' && token.text === text;
}

/** The question that `word(args)` asks; undefined where its arguments have another form. */
export function presenceQuestion(word: string, args: readonly QuestionToken[]): PresenceQuestion | undefined {
  const comma = args.findIndex(token => isPunctuator(token, ','));
  const [first, second] = comma < 0 ? [args, []] : [args.slice(0, comma), args.slice(comma + 1)];
  if (word === '__has_member') {
    const [type, path] = [questionedType(first), memberPath(second)];
    return type && path && { kind: 'member', type, path };
  }
  if (word === '__has_parameters') {
    const [symbol, count] = [symbolName(first), second.length === 1 ? second[0]!.text : ''];
    return symbol && /^[0-9]{1,2}$/.test(count)
      ? { kind: 'parameters', ...symbol, count: Number(count) }
      : undefined;
  }
  if (comma >= 0) return undefined;
  switch (word) {
    case '__has_type': {
      const type = questionedType(args);
      return type && { kind: 'type', type };
    }
    case '__has_symbol': {
      const symbol = symbolName(args);
      return symbol && { kind: 'symbol', ...symbol };
    }
    case '__has_enumerator': {
      const name = onlyName(args);
      return name === undefined ? undefined : { kind: 'enumerator', name };
    }
    default:
      return undefined;
  }
}

function onlyName(tokens: readonly QuestionToken[]): string | undefined {
  return tokens.length === 1 && tokens[0]!.kind === 'identifier' ? tokens[0]!.text : undefined;
}

function questionedType(tokens: readonly QuestionToken[]): QuestionedType | undefined {
  const tag = TAGS.has(tokens[0]?.text ?? '') ? (tokens[0]!.text as QuestionedType['tag']) : undefined;
  const name = onlyName(tag ? tokens.slice(1) : tokens);
  return name === undefined ? undefined : { tag, name };
}

/** `a.b.c`. */
function memberPath(tokens: readonly QuestionToken[]): readonly string[] | undefined {
  const names = tokens.filter((_token, index) => index % 2 === 0);
  const isPath =
    tokens.length % 2 === 1 &&
    names.every(({ kind }) => kind === 'identifier') &&
    tokens.every((token, index) => index % 2 === 0 || isPunctuator(token, '.'));
  return isPath ? names.map(({ text }) => text) : undefined;
}

/** `name` or `name@module`. */
function symbolName(tokens: readonly QuestionToken[]) {
  const [name, at, module] = tokens;
  if (name?.kind !== 'identifier') return undefined;
  if (tokens.length === 1) return { name: name.text, module: undefined };
  if (tokens.length !== 3 || !isPunctuator(at, '@')) return undefined;
  return { name: name.text, module: module!.text };
}
