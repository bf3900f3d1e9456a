/** The command line before the cursor, as bash would read it. */
export interface BashLine {
  /** The words after the command, without quotes. The last one is being typed. */
  readonly words: readonly string[];
  /** The quote that is open at the cursor. Empty if none is. */
  readonly quote: '' | "'" | '"';
  /** How many characters of the last word, without quotes, bash keeps. A reply to bash begins after them. */
  readonly kept: number;
}

/**
 * Splits the line before the cursor into words. bash keeps the last word up to its last word break (`=` or
 * `:`, see COMP_WORDBREAKS in bash(1)) or its opening quote, and replaces only the rest.
 */
export function readBashLine(line: string, wordBreaks: string): BashLine {
  const words: string[] = [];
  let word = '';
  let kept = 0;
  let isOpen = false;
  let quote: BashLine['quote'] = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote === '' && /\s/.test(character)) {
      if (isOpen) words.push(word);
      [word, kept, isOpen] = ['', 0, false];
      continue;
    }
    isOpen = true;
    if (quote !== '' && character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      kept = word.length;
    } else if (character === '\\' && quote !== "'") {
      at += 1;
      word += line[at] ?? '';
    } else {
      word += character;
      if (quote === '' && wordBreaks.includes(character)) kept = word.length;
    }
  }
  words.push(word);
  return { words: words.slice(1), quote, kept };
}

/**
 * The text with which bash completes the last word to `value`. Undefined if the open quote cannot hold it.
 */
export function bashReply(value: string, { quote, kept }: BashLine): string | undefined {
  const rest = value.slice(kept);
  if (quote === "'") return rest.includes("'") ? undefined : rest;
  if (quote === '"') return rest.replaceAll(/["\\$`]/g, '\\$&');
  return rest.replaceAll(/[^\w@%+=:,./-]/g, '\\$&');
}
