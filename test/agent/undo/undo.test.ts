import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programOnHost, WriteLog } from '../../../agent/undo/index.ts';
import type { MemoryWrite } from '../../../shared/messages/index.ts';
import { undoneRequest, undoProgram } from '../../../shared/undo/index.ts';
import { GccKernel } from '../compiler/support/gcc-kernel.ts';
import { canBuild, TEST_CPUS } from '../compiler/support/test-cpus.ts';

const ID = '7k2m9x4qw8rt';

let folder: string;
let log: WriteLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farcall-undo-'));
  log = new WriteLog(folder, pino({ level: 'silent' }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keep = (writes: readonly MemoryWrite[], isPartial = false) =>
  log.keep({ requestId: ID, bootId: 'one', writes, isPartial });
const undo = (bootId = 'one') => programOnHost(undoProgram(ID), { writes: log, bootId: () => bootId });

describe.each(TEST_CPUS)('an undo on a host ($arch)', cpu => {
  const kernel = canBuild(cpu) ? new GccKernel(cpu, 'char bytes_there[4] = { 1, 2, 3, 4 };') : undefined;
  afterAll(() => kernel?.close());

  const PROGRAM = [
    'a_pair.a = 5; a_pair.a = 6; some_bits.c = 3; counter += 7; bytes_there[1] = 9;',
    'struct pair two = { 8, 9 }; a_pair = two; xchg(&a_pair.b, -1);',
    '*(int *)((char *)&a_pair + 1) = 7;',
  ].join('\n');
  const STATE = 'report(a_pair.a, a_pair.b, some_bits.c, counter, bytes_there[1]);';
  /** Runs programs one after the other in one kernel, and reports the state after each. */
  const inOneKernel = (...programs: readonly string[]) => {
    const parts = programs.map(program => `{ ${program}; }\n${STATE}`);
    const [run] = kernel!.run([`extern char bytes_there[4];\n${STATE}\n${parts.join('\n')}`]);
    const rowsOf = (isUndo: boolean) =>
      run!.end.rows.filter(({ columns }) => (columns?.[0] === 'written') === isUndo);
    return {
      writes: run!.end.writes ?? [],
      states: rowsOf(false).map(({ values }) => values.map(({ integer }) => integer)),
      outcomes: rowsOf(true).map(({ values }) => values[1]!.string),
    };
  };

  it.skipIf(!kernel)('an undo puts back all that a program wrote, and can be undone itself', () => {
    const { writes } = inOneKernel(PROGRAM);
    keep(writes);
    const putBack = undo();
    const { states, outcomes, writes: all } = inOneKernel(PROGRAM, putBack);
    const [before, after, restored] = states;
    expect(after).not.toEqual(before);
    expect(restored).toEqual(before);
    expect(outcomes).toEqual(writes.map(() => 'restored'));
    keep(all.slice(writes.length));
    expect(inOneKernel(PROGRAM, putBack, undo()).states).toEqual([before, after, before, after]);
  });

  it.skipIf(!kernel)('an undo leaves what somebody else has written since, and says so', () => {
    const program = 'counter = 40; a_pair.a = 41;';
    keep(inOneKernel(program).writes, true);
    expect(inOneKernel(program, 'counter = 3', undo()).outcomes).toEqual(['restored', 'conflict']);
    expect(inOneKernel(program, 'counter = 3', undo()).states.at(-1)!.slice(3, 4)).toEqual(['3']);
    expect(inOneKernel(undo()).outcomes).toEqual(['unchanged', 'unchanged']);
    expect(undo()).toContain('conflict: somebody else has written since; the request may have written more');
  });

  it.skipIf(!kernel)('an undo is a write for whom that counts, and nothing but an agent compiles it', () => {
    expect(() => kernel!.compiler.compile(undoProgram(ID), 'm')).toThrow(/only the agent of a host knows/);
    expect(() => kernel!.compiler.compile(`${undoProgram(ID)} counter = 1;`, 'm')).toThrow(
      /is a whole program/,
    );
  });
});

describe('what a host remembers of its writes', () => {
  const WRITE = {
    ...{ line: 1, column: 1, address: '0xffffffff81000000', bytes: 4, before: '(int)1', after: '(int)2' },
    ...{ beforeRaw: '0x1', afterRaw: '0x2' },
  };

  it('a host that has started again since has nothing to undo', () => {
    keep([WRITE]);
    expect(undo('two')).toBe('"nothing to undo: this host has started again since"');
  });

  it('a host that wrote nothing has nothing to undo', () => {
    expect(undo()).toBe(`"nothing to undo: request ${ID} wrote nothing here that this host remembers"`);
  });

  it('a host says that what a request wrote was not recorded, and does not call it nothing', () => {
    keep([], true);
    expect(undo()).toBe(`"nothing to undo: what request ${ID} wrote here was not recorded"`);
  });

  it('what a host remembers is its owner’s alone', () => {
    keep([WRITE]);
    expect(statSync(join(folder, 'writes', `${ID}.json`)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'writes')).mode & 0o777).toBe(0o700);
  });

  it('a record that is spoilt is an error and no program', () => {
    keep([WRITE]);
    const file = join(folder, 'writes', `${ID}.json`);
    const text = readFileSync(file, 'utf8');
    for (const spoilt of [text.slice(1), text.replace('0x1', '1'), text.replace('"bytes":4', '"bytes":3')]) {
      writeFileSync(file, spoilt);
      expect(() => undo()).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    }
  });

  it('the oldest of many requests are forgotten first', () => {
    for (let number = 0; number < 260; number++)
      log.keep({ requestId: `request${number}`, bootId: 'one', writes: [WRITE], isPartial: false });
    expect(log.of('request259')).toBeDefined();
    expect(
      Array.from({ length: 260 }, (_, number) => log.of(`request${number}`)).filter(Boolean),
    ).toHaveLength(256);
  });

  it.each([`undo("${ID}")`, ` undo ( "${ID}" ) ;\n`])('%s undoes a request', program => {
    expect(undoneRequest(program)).toBe(ID);
  });

  it.each([`undo("${ID}"); f()`, 'undo("../x")', 'undo("")', `undo('${ID}')`, `// undo("${ID}")`])(
    '%s is another program',
    program => {
      expect(undoneRequest(program)).toBeUndefined();
      expect(programOnHost(program, { writes: log, bootId: () => 'one' })).toBe(program);
    },
  );
});
