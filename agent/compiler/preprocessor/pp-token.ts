import type { Offset } from './source.ts';

/** A preprocessing token (C11 6.4): how it is spelled, before anything is made of it. */
export interface PpToken {
  readonly kind: 'identifier' | 'number' | 'string' | 'character' | 'punctuator' | 'other';
  readonly text: string;
  readonly at: Offset;
  /** Whether blanks or comments stand before it. */
  readonly spaced: boolean;
  /** Whether it is the first one of its line. */
  readonly startsLine: boolean;
  /** The name of a macro that is expanded around it: it stays a name for good (C11 6.10.3.4, 2). */
  readonly painted?: true;
}

/** Whether a token is this punctuator. */
export function isPunctuator(token: PpToken | undefined, text: string): boolean {
  return token?.kind === 'punctuator' && token.text === text;
}

/** The tokens as one would write them. */
export function spellTokens(tokens: readonly PpToken[]): string {
  return tokens.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('');
}
