import { asciiJson } from '../../../../shared/json/index.ts';
import { type AddCommand, addHelp, EXIT, withJson } from '../../core/index.ts';
import { helpAbout, TOPICS } from '../../help/index.ts';

/** `farcall help`. */
export const addHelpCommand: AddCommand = (program, { terminal }, exitWith) => {
  const command = withJson(program.command('help'))
    .summary('print help about a topic or a command')
    .description(`Prints help about a topic (${Object.keys(TOPICS).join(', ')}) or a command.`)
    .argument('[topic...]', 'a topic, or a command');
  addHelp(command, { examples: ['help selectors', 'help trust sign', 'help exit-codes'] }).action(
    (words: readonly string[], { json }: { readonly json?: boolean }) => {
      const text = helpAbout(program, words).trimEnd();
      terminal.print(json ? asciiJson({ topic: words.join(' '), text }) : text);
      exitWith(EXIT.ok);
    },
  );
};
