import { existsSync, statfsSync } from 'node:fs';
import { type Finding, ok, unfit } from './finding.ts';

/** A folder that must have room, and what is written there. */
export interface DiskToExamine {
  readonly folder: string;
  /** What the room is for: "the journal". */
  readonly use: string;
  readonly leastMib: number;
  /** What to do where there is too little. */
  readonly remedy: string;
  /** What makes the folder. */
  readonly maker: string;
}

/** Whether the disk of a folder has enough room. */
export function examineDisk({ folder, use, leastMib, remedy, maker }: DiskToExamine): Finding {
  if (!existsSync(folder)) return unfit('disk', `there is no ${folder}`, `${maker} makes it`);
  const { bavail, bsize } = statfsSync(folder);
  const freeMib = Math.floor((bavail * bsize) / 2 ** 20);
  const text = `${freeMib} MiB are free for ${use} in ${folder}`;
  return freeMib >= leastMib ? ok('disk', text) : unfit('disk', text, remedy);
}
