/** The command line before the cursor, as bash would read it. */
export interface BashLine {
  /** The words behind the command, without quotes; the last is being typed. */
  readonly words: readonly string[];
  /** The quote in which the cursor stands; empty where in none. */
  readonly quote: '' | "'" | '"';
  /** How much of the last word, without quotes, bash will leave as it is: what it gets back has to begin behind that. */
  readonly kept: number;
}

/**
 * Reads what is typed before the cursor. bash replaces the last word only from behind its last word break (`=` and `:`, see
 * COMP_WORDBREAKS in bash(1)) or opening quote on.
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

/** What bash is to put behind what it keeps, so that the word becomes `value`; undefined where it cannot be said there. */
export function bashReply(value: string, { quote, kept }: BashLine): string | undefined {
  const rest = value.slice(kept);
  if (quote === "'") return rest.includes("'") ? undefined : rest;
  if (quote === '"') return rest.replaceAll(/["\\$`]/g, '\\$&');
  return rest.replaceAll(/[^\w@%+=:,./-]/g, '\\$&');
}
