import type { Command } from 'commander';
import { FarcallError } from '../../../shared/errors/index.ts';
import { withJson } from '../command-options.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { Finish } from '../program.ts';
import { teach } from '../teach.ts';
import { ENVIRONMENT, TOPICS } from './topics.ts';

const TOPIC_LINES = Object.entries(TOPICS).map(
  ([name, { summary }]) => `  help ${name.padEnd(17)}${summary}`,
);

/** What stands at the end of `farcall --help`. */
export const MAIN_HELP = [
  ...['', 'Topics:', ...TOPIC_LINES],
  ...['', 'A first call:'],
  '  farcall plan \'_printk("Hello, world %d\\n", 1234)\' --hosts env=demo',
  "  farcall request '_printk(\"Hello, world %d\\n\", 1234)' --hosts env=demo --reason 'first call'",
  '  farcall approve ID            two colleagues, each with a key of his own',
  '  farcall watch ID',
  ...['', ENVIRONMENT],
  ...['', 'farcall COMMAND --help has the options of a command, examples, and its exit codes.'],
].join('\n');

/** `farcall help`: of a topic, or of a command. */
export function addHelpCommand(program: Command, { terminal }: CliContext, finish: Finish): void {
  const command = withJson(program.command('help'))
    .summary('help about a topic or a command')
    .description(`Helps with a topic (${Object.keys(TOPICS).join(', ')}) or a command.`)
    .argument('[topic...]', 'a topic, or a command');
  teach(command, { examples: ['help selectors', 'help trust sign', 'help exit-codes'] }).action(
    (words: readonly string[], { json }: { readonly json?: boolean }) => {
      const text = helpOf(program, words).trimEnd();
      terminal.print(json ? JSON.stringify({ topic: words.join(' '), text }) : text);
      finish(EXIT.ok);
    },
  );
}

/** A name that begins alike may be what was meant. */
const NEAR_CHARS = 3;

function helpOf(program: Command, words: readonly string[]): string {
  const [name = ''] = words;
  const topic = words.length === 1 && Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
  if (topic) return topic.text();
  let command = program;
  for (const word of words) {
    const next = command.commands.find(each => each.name() === word);
    if (!next) {
      const names = [
        ...command.commands.map(each => each.name()),
        ...(command === program ? Object.keys(TOPICS) : []),
      ];
      const near = names.find(each => each.startsWith(word.slice(0, NEAR_CHARS)));
      throw new FarcallError(
        'CONFIG_INVALID',
        `there is no help about '${words.join(' ')}'; farcall --help lists commands and topics` +
          (near === undefined ? '' : `\n(Did you mean ${near}?)`),
      );
    }
    command = next;
  }
  // What stands behind the options is written by an event, so that is how it is caught.
  const before = command.configureOutput();
  const pieces: string[] = [];
  command.configureOutput({ ...before, writeOut: piece => void pieces.push(piece) });
  command.outputHelp();
  command.configureOutput(before);
  return pieces.join('');
}
