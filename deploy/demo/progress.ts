/** Prints progress for a person who waits, with the seconds since the start. */
export class Progress {
  readonly #startedAt = performance.now();

  /** Prints that something has happened. */
  step(text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1).padStart(5);
    console.log(`[${seconds} s] ${text}`);
  }

  /** Prints a `farcall` command as somebody would type it. */
  typed(person: string, args: readonly string[]): void {
    console.log(`\n${person}$ farcall ${args.map(quoteForShell).join(' ')}`);
  }
}

function quoteForShell(word: string): string {
  return /^[A-Za-z0-9_=./:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
