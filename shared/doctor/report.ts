import { existsSync, writeFileSync } from 'node:fs';
import { FarcallError } from '../errors/index.ts';
import { toAscii } from '../json/index.ts';
import type { Finding, Verdict } from './finding.ts';

const LABELS: Readonly<Record<Verdict, string>> = { ok: 'ok     ', warning: 'WARNING', unfit: 'UNFIT  ' };

/** What the doctor found, as lines for people: verdict, place, what it is, and below it what to do. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ check, verdict, text, remedy }) => [
    `${LABELS[verdict]}  ${check.padEnd(13)}  ${toAscii(text)}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(24)}-> ${toAscii(remedy)}`]),
  ]);
}

/** Whether something is so wrong that the program cannot do its work. */
export function isUnfit(findings: readonly Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === 'unfit');
}

/** Throws CONFIG_INVALID if the file for who helps is there already. */
export function refuseSupportFile(path: string): void {
  if (existsSync(path))
    throw new FarcallError('CONFIG_INVALID', `doctor: ${path} is there; it is not overwritten`);
}

/** Writes the file for who helps, 0600, and returns what to say about it. */
export function writeSupportFile(path: string, archive: Uint8Array): string {
  writeFileSync(path, archive, { mode: 0o600, flag: 'wx' });
  return `${path} is for who helps you. It has no secrets; look at it with zcat.`;
}
