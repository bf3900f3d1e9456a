import { readFileSync } from 'node:fs';

/** The version of the farcall that runs, from package.json. */
export function agentVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
