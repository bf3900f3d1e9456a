import type { Command } from 'commander';
import { FarcallError } from '../../../shared/errors/index.ts';
import { reflow } from '../core/index.ts';
import { ENVIRONMENT, TOPICS } from './topics.ts';

const TOPIC_LINES = Object.entries(TOPICS).map(
  ([name, { summary }]) => `  help ${name.padEnd(17)}${summary}`,
);

const MAIN_HELP = [
  ...['', 'Topics:', ...TOPIC_LINES],
  ...['', 'A first call:'],
  '  farcall plan \'_printk("Hello, world %d\\n", 1234)\' --hosts env=demo',
  "  farcall request '_printk(\"Hello, world %d\\n\", 1234)' --hosts env=demo --reason 'first call'",
  '  farcall approve ID            two colleagues run this, each with their own key',
  '  farcall watch ID',
  ...['', ...ENVIRONMENT.split('\n')],
  ...[
    '',
    "farcall COMMAND --help prints a command's options, examples and exit codes; farcall --version prints the version.",
  ],
];

/** The end of `farcall --help`, in a window of `columns`. */
export function mainHelp(columns: number): string {
  return reflow(MAIN_HELP, columns).join('\n');
}

/** Names that share this many first letters with a misspelled name are suggested. */
const SUGGESTION_PREFIX_CHARS = 3;

/**
 * The help about a topic or a command, by its words. Throws CONFIG_INVALID if there is neither, and suggests
 * a similar name.
 */
export function helpAbout(program: Command, words: readonly string[]): string {
  const [name = ''] = words;
  const topic = words.length === 1 && Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
  const columns = program.configureOutput().getOutHelpWidth?.() ?? Number.POSITIVE_INFINITY;
  if (topic) return reflow(topic.text().split('\n'), columns).join('\n');
  let command = program;
  for (const word of words) {
    const next = command.commands.find(each => each.name() === word);
    if (!next) throw noHelp(words, suggestionFor(word, command, program));
    command = next;
  }
  return helpOfCommand(command);
}

function suggestionFor(word: string, command: Command, program: Command): string | undefined {
  const names = [
    ...command.commands.map(each => each.name()),
    ...(command === program ? Object.keys(TOPICS) : []),
  ];
  return names.find(each => each.startsWith(word.slice(0, SUGGESTION_PREFIX_CHARS)));
}

function noHelp(words: readonly string[], suggestion: string | undefined): FarcallError {
  return new FarcallError(
    'CONFIG_INVALID',
    `there is no help about '${words.join(' ')}'; farcall --help lists commands and topics` +
      (suggestion === undefined ? '' : `\n(Did you mean ${suggestion}?)`),
  );
}

/**
 * Commander writes the text after the options in an event handler, so the output is caught instead of built.
 */
function helpOfCommand(command: Command): string {
  const before = command.configureOutput();
  const pieces: string[] = [];
  command.configureOutput({ ...before, writeOut: piece => void pieces.push(piece) });
  command.outputHelp();
  command.configureOutput(before);
  return pieces.join('');
}
