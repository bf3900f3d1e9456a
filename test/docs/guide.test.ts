import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandsIn, problemWith, wordsOf } from './commands.ts';

const GUIDE = fileURLToPath(new URL('../../docs/guide', import.meta.url));

/** What is missing from a command that is only named. */
const MISSING = /^error: (missing required argument|required option) .*$/;

/** A command without arguments and options. */
const isMention = (command: string): boolean => /^farcall( [a-z]+)+$/.test(command);

const commands = readdirSync(GUIDE).flatMap(page =>
  commandsIn(readFileSync(join(GUIDE, page), 'utf8'))
    .filter(command => command.startsWith('farcall '))
    .map(command => [page, command] as const),
);

describe('commands of the guide', () => {
  it('the guide has commands', () => expect(commands.length).toBeGreaterThan(40));

  it.each(commands)('%s: the command line accepts `%s`', async (_page, command) => {
    // Running text names commands without their arguments; `help` prints, and parses nothing.
    if (command.startsWith('farcall help ')) return;
    const problem = await problemWith(wordsOf(command));
    expect(isMention(command) ? problem?.replace(MISSING, '') || undefined : problem).toBeUndefined();
  });

  it('the command line would refuse an option that does not exist', async () => {
    expect(await problemWith(['farcall', 'report', 'ID', '--force'])).toContain('unknown option');
  });
});
