/** Everything in which a word means nothing, or one character of code. An end may be missing. */
const PIECE = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|[\s\S]/y;

/** Whether what is typed at `offset` would be code: not in a comment, a string or a character. */
export function isInCode(text: string, offset: number): boolean {
  for (let at = 0; at < offset; ) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(text)?.[0] ?? ' ';
    const end = at + piece.length;
    if (piece.length > 1 && offset <= end && !isBehind(piece, offset === end)) return false;
    at = end;
  }
  return true;
}

/**
 * Whether a position at the end of the piece is already outside of it: a comment to the end of its line has
 * no end of its own.
 */
function isBehind(piece: string, atEnd: boolean): boolean {
  if (!atEnd || piece.startsWith('//')) return false;
  if (piece.startsWith('/*')) return piece.length >= 4 && piece.endsWith('*/');
  return piece.endsWith(piece[0]!);
}
