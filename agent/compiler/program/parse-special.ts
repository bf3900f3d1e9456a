import {
  type Offset,
  PRESENCE_WORDS,
  presenceQuestion,
  type QuestionToken,
  questionText,
  type Token,
} from '../preprocessor/index.ts';
import type { Expression, GenericAssociation } from './ast.ts';
import { parseTypeName } from './parse-type-name.ts';
import type { Parser } from './parser.ts';

type ParseSpecial = (parser: Parser, at: Offset) => Expression;

/** Operators that look like calls, and may take types; their `(` comes next. */
export const SPECIAL: ReadonlyMap<string, ParseSpecial> = new Map<string, ParseSpecial>([
  ['_Generic', parseGeneric],
  ['__builtin_choose_expr', parseChoose],
  ['__builtin_types_compatible_p', parseTypesCompatible],
  ['__builtin_constant_p', parseIsConstant],
  ['__builtin_expect', parseExpect],
  ['likely', parseLikely],
  ['unlikely', parseLikely],
]);

/** `__has_symbol(name)` and its like, up to the parenthesis that closes it. */
export function parsePresence(parser: Parser, word: string, at: Offset): Expression {
  const { cursor } = parser;
  const args: QuestionToken[] = [];
  if (cursor.takes('('))
    while (!cursor.sees(')') && cursor.peek().kind !== 'end') args.push(spelled(cursor.next()));
  const question = presenceQuestion(word, args);
  if (!question || !cursor.takes(')')) throw cursor.error(at, `this is asked as ${PRESENCE_WORDS.get(word)}`);
  return { kind: 'presence', question, text: questionText(word, args), at };
}

function spelled(token: Token): QuestionToken {
  switch (token.kind) {
    case 'identifier':
      return { kind: 'identifier', text: token.name };
    case 'punctuator':
      return { kind: 'punctuator', text: token.text };
    case 'integer':
      return { kind: 'number', text: String(token.value) };
    default:
      return { kind: 'other', text: '' };
  }
}

function parseGeneric(parser: Parser, at: Offset): Expression {
  const { cursor } = parser;
  cursor.operator();
  const control = parser.assignment();
  const associations: GenericAssociation[] = [];
  while (cursor.takes(',')) {
    const start = cursor.peek().at;
    const type = cursor.takesIdentifier('default') ? undefined : parseTypeName(parser);
    cursor.expect(':', 'after a type of _Generic');
    associations.push({ type, value: parser.assignment(), at: start });
  }
  cursor.expect(')', 'of _Generic');
  return { kind: 'generic', control, associations, at };
}

function parseChoose(parser: Parser, at: Offset): Expression {
  const { cursor } = parser;
  cursor.operator();
  const condition = parser.assignment();
  cursor.expect(',', 'after the condition');
  const then = parser.assignment();
  cursor.expect(',', 'after the first choice');
  const otherwise = parser.assignment();
  cursor.expect(')', 'of __builtin_choose_expr');
  return { kind: 'choose', condition, then, otherwise, at };
}

function parseTypesCompatible(parser: Parser, at: Offset): Expression {
  const { cursor } = parser;
  cursor.operator();
  const one = parseTypeName(parser);
  cursor.expect(',', 'after the first type');
  const other = parseTypeName(parser);
  cursor.expect(')', 'of __builtin_types_compatible_p');
  return { kind: 'types-compatible', one, other, at };
}

function parseIsConstant(parser: Parser, at: Offset): Expression {
  const { cursor } = parser;
  cursor.operator();
  const operand = parser.assignment();
  cursor.expect(')', 'of __builtin_constant_p');
  return { kind: 'is-constant', operand, at };
}

/** What is likely changes nothing here. */
function parseExpect(parser: Parser): Expression {
  const { cursor } = parser;
  cursor.operator();
  const value = parser.assignment();
  cursor.expect(',', 'after the value');
  parser.assignment();
  cursor.expect(')', 'of __builtin_expect');
  return value;
}

function parseLikely(parser: Parser): Expression {
  const { cursor } = parser;
  cursor.operator();
  const value = parser.assignment();
  cursor.expect(')', 'after the condition');
  return value;
}
