import { farcallProgram, leavesOf } from '../../deploy/reference/command-line.ts';

/** Stands in for `ID`, which the pages write where a reader types the id of a request. */
const REQUEST_ID = '7k2m9x4qw8rt';

/**
 * The commands of our programs in a page: lines of code of their own, and those in running text that are
 * whole. A line may begin with a prompt (`bob$ `), go on behind a backslash, and explain itself behind two
 * spaces.
 */
export function commandsIn(markdown: string): string[] {
  const joined = markdown.replace(/ *\\\n */g, ' ');
  const lines = [...joined.matchAll(/^ {4}(?:[a-z0-9-]+[$#] )?(farcall(?:-agent|-controller)? .*)$/gm)].map(
    ([, line]) => line!.replace(/ {2,}.*$/, ''),
  );
  const inline = [...markdown.matchAll(/`(farcall [a-z]+ [^`]*)`/g)].map(([, text]) => text!);
  return [...new Set([...lines, ...inline.filter(text => !text.includes('...'))])];
}

/** The words of a shell command, up to where its output goes. */
export function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  const end = words.findIndex(word => /^[>#|]/.test(word));
  return words.slice(0, end < 0 ? undefined : end).map(word => word.replaceAll("'", ''));
}

/** The complaint of `farcall` about the command line, if it has one. It is parsed, and nothing is done. */
export async function problemWith(words: readonly string[]): Promise<string | undefined> {
  const program = farcallProgram();
  for (const { command } of leavesOf(program))
    command
      .action(() => undefined)
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  try {
    await program.parseAsync(['node', ...words.map(word => (word === 'ID' ? REQUEST_ID : word))]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
