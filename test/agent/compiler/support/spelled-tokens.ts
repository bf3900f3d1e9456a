import type { Preprocessed, Token } from '../../../../agent/compiler/preprocessor/index.ts';

/** The tokens of a program as text, with a blank between two. */
export function spelledTokens({ tokens }: Preprocessed): string {
  return tokens.slice(0, -1).map(spelled).join(' ');
}

function spelled(token: Token): string {
  switch (token.kind) {
    case 'identifier':
      return token.name;
    case 'punctuator':
      return token.text;
    case 'integer':
      return String(token.value);
    case 'string':
      return JSON.stringify(Buffer.from(token.bytes).toString('latin1'));
    case 'character':
      return `'${String.fromCharCode(token.value)}'`;
    case 'end':
      return '';
  }
}
