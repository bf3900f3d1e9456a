export type { Ask } from './condition.ts';
export { EXPANDED_LIMIT } from './expander.ts';
export { type FoldedOperator, foldNumbers } from './fold-numbers.ts';
export { Prelude } from './prelude.ts';
export {
  type PreparedLibrary,
  type Preprocessed,
  type PreprocessOptions,
  prepareLibrary,
  preprocess,
  preprocessAfter,
} from './preprocess.ts';
export {
  PRESENCE_WORDS,
  type PresenceQuestion,
  presenceQuestion,
  type QuestionedType,
  type QuestionToken,
  questionText,
  VERSION_WORD,
} from './presence-question.ts';
export { REJECTED_KEYWORDS } from './rejected-keywords.ts';
export { isReservedName } from './reserved-names.ts';
export { saysDeny } from './says-deny.ts';
export { modulesNamedIn } from './scan.ts';
export {
  excerptAt,
  isInProgram,
  lineAt,
  locationOf,
  type Offset,
  programError,
  Source,
  type SourceText,
  spelledAt,
  useOf,
} from './source.ts';
export { type IntegerSuffix, PUNCTUATORS, type Punctuator, type Token } from './token.ts';
