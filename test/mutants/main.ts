// Mutation testing of the rooms where trust is decided.
//
//   npm run test:mutants                   all rooms
//   npm run test:mutants -- ROOM…          some rooms
//   npm run test:mutants -- --threats      the checks of THREATS.md, each taken out: its test must fail
//   npm run test:mutants -- --threats TEXT…   those whose file or test contains one of the texts
//
// It fails if a mutant lives that explained.json does not explain, if explained.json explains one that does
// not live, or if a room is below its score.

import { type Explanation, isExplained, readExplanations, staleExplanations } from './explanations.ts';
import { type MutatedRoom, mutateRoom } from './mutate-room.ts';
import { ROOMS } from './rooms.ts';
import { takeChecksOut } from './threats.ts';

/** The least part of the mutants of a room that tests kill, explained ones not counted, in percent. */
const LEAST_SCORE = 95;

interface Row extends MutatedRoom {
  readonly killed: number;
  readonly explained: number;
  readonly notCovered: number;
  readonly score: number;
  readonly isGood: boolean;
}

function rowOf(mutated: MutatedRoom, explanations: readonly Explanation[]): Row {
  const { room, mutants } = mutated;
  const alive = mutants.filter(({ end }) => end !== 'killed');
  const open = alive.filter(mutant => !isExplained(mutant, explanations));
  for (const { file, lineNumber, line, original, replacement, end } of open)
    console.log(`${file}:${lineNumber} ${end}: ${line}\n    ${original}\n    -> ${replacement}`);
  const stales = staleExplanations(room, alive, explanations);
  for (const stale of stales)
    console.log(`explained.json explains a mutant that is killed, or that there is not: ${stale}`);
  const [killed, explained] = [mutants.length - alive.length, alive.length - open.length];
  const score = (100 * killed) / Math.max(1, mutants.length - explained);
  return {
    ...mutated,
    ...{ killed, explained, score },
    notCovered: open.filter(({ end }) => end === 'not covered').length,
    isGood: open.length === 0 && stales.length === 0 && score >= LEAST_SCORE,
  };
}

const HEAD = ['mutants', 'killed', 'survived', 'explained', 'not covered', 'score', 'minutes', 'CPU min'];

function show(rows: readonly Row[]): void {
  console.log(`\n${HEAD.join('  ')}  room`);
  for (const each of rows) {
    const { mutants, killed, explained, notCovered, score, wallSeconds, cpuSeconds } = each;
    const survived = mutants.length - killed - explained - notCovered;
    const cells = [mutants.length, killed, survived, explained, notCovered, `${score.toFixed(1)}%`];
    const times = [wallSeconds, cpuSeconds].map(seconds => (seconds / 60).toFixed(1));
    const columns = [...cells, ...times].map((cell, index) => String(cell).padStart(HEAD[index]!.length));
    console.log(`${columns.join('  ')}  ${each.room}`);
  }
}

function mutate(given: readonly string[]): boolean {
  const rooms = given.length > 0 ? given : Object.keys(ROOMS);
  const unknown = rooms.filter(room => ROOMS[room] === undefined);
  if (unknown.length > 0) throw new Error(`no such room: ${unknown}; there are ${Object.keys(ROOMS)}`);
  const explanations = readExplanations();
  const rows = rooms.map(room => rowOf(mutateRoom(room), explanations));
  show(rows);
  return rows.every(({ isGood }) => isGood);
}

const [first, ...others] = process.argv.slice(2);
const passed =
  first === '--threats' ? takeChecksOut(others) : mutate(first === undefined ? [] : [first, ...others]);
process.exitCode = passed ? 0 : 1;
