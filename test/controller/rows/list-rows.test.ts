import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receiveResult } from '../../../controller/gather/index.ts';
import { listRows } from '../../../controller/rows/index.ts';
import { parseWhere } from '../../../controller/rows/parse-where.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type CallResult,
  callResultCodec,
  type ResultRow,
  type RowCounts,
  type RowsQuery,
  resultEnvelopeCodec,
  typedValue,
} from '../../../shared/messages/index.ts';
import { HOSTS, type HostIdentity } from '../../kit/cast.ts';
import { type ControllerParts, codeOf, dispatched, introduce } from '../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../kit/engines.ts';
import { resultFor, signStatement } from '../../kit/host-statements.ts';

const NAMES = ['t->pid', 't->comm', 'state', 'age'];
const OTHER_NAMES = ['inode->i_ino'];

const int = (integer: number | string) =>
  typedValue({ type: 'int', kind: 'int', integer: String(integer), signed: true });
const text = (string: string) =>
  typedValue({ type: 'char *', kind: 'string', string, address: '0xffff888000000000' });
const enumerator = (name: string, integer: number) =>
  typedValue({ type: 'enum state', kind: 'enum', integer: String(integer), enumerator: name, signed: false });

/** A row of the tasks that the tests' hosts have. */
function task(pid: number, comm: string, [state, value]: readonly [string, number], age: number): ResultRow {
  return { values: [int(pid), text(comm), enumerator(state, value), int(age)], columns: NAMES };
}

const [RUNNING, STUCK] = [
  ['TASK_RUNNING', 0],
  ['TASK_UNINTERRUPTIBLE', 2],
] as const;

const ROWS_OF_ONE = [
  task(1, 'systemd', RUNNING, 900),
  task(70, 'nfsd', STUCK, 31),
  task(71, 'nfsd:grp', STUCK, 45),
  { values: [int('18446744073709551615')], columns: OTHER_NAMES },
];
const ROWS_OF_TWO = [task(1, 'systemd', RUNNING, 800), task(5, 'nfsd', RUNNING, 7)];

describe.each(ENGINES)('the rows of all hosts, in $name', engine => {
  const stores = engine.use();
  const startedWith = async (rows: readonly (readonly [HostIdentity, Partial<CallResult>])[]) => {
    const parts = await newParts(stores);
    await introduce(parts);
    const { id, order } = await dispatched(parts);
    for (const [host, overrides] of rows) {
      const result = callResultCodec.encode(resultFor(host.name, order, overrides));
      const nowMs = parts.clock.nowMs();
      const signature = await signStatement(host, { what: 'result', bytes: result, nowMs });
      await receiveResult(parts, {
        host: host.name,
        bytes: resultEnvelopeCodec.encode({ result, signature }),
      });
    }
    return { parts, id };
  };
  const bothHosts = () =>
    startedWith([
      [HOSTS.two, { rows: ROWS_OF_TWO }],
      [HOSTS.one, { rows: ROWS_OF_ONE, droppedRows: 9 }],
    ]);
  const queried = async (
    { parts, id }: { parts: ControllerParts; id: string },
    query: Partial<RowsQuery>,
  ) => {
    const whole = { id, where: '', sort: '', limit: 0, groupBy: [], of: '', writes: false, ...query };
    const columns: string[] = [];
    const rows: unknown[][] = [];
    let counts: RowCounts | undefined;
    for await (const page of listRows(parts, { ...whole, signal: new AbortController().signal })) {
      columns.push(...page.columns);
      rows.push(...(JSON.parse(page.rows) as unknown[][]));
      counts = page.counts ?? counts;
    }
    return { columns, rows, counts };
  };

  it(`the rows of all hosts are one table with a column for each that any host reported, in ${engine.name}`, async () => {
    const { columns, rows, counts } = await queried(await bothHosts(), {});
    expect(columns).toEqual(['host', ...NAMES, ...OTHER_NAMES]);
    expect(rows).toEqual([
      ['demo-1', 1, 'systemd', 'TASK_RUNNING /* 0 */', 900, null],
      ['demo-1', 70, 'nfsd', 'TASK_UNINTERRUPTIBLE /* 2 */', 31, null],
      ['demo-1', 71, 'nfsd:grp', 'TASK_UNINTERRUPTIBLE /* 2 */', 45, null],
      ['demo-1', null, null, null, null, '18446744073709551615'],
      ['demo-2', 1, 'systemd', 'TASK_RUNNING /* 0 */', 800, null],
      ['demo-2', 5, 'nfsd', 'TASK_RUNNING /* 0 */', 7, null],
    ]);
    expect(counts).toEqual({ rows: 6, matching: 6, hosts: 2, dropped: 9, others: 0 });
  });

  it(`rows are filtered, by the name of a column or its last word, and sorted, in ${engine.name}`, async () => {
    const fleet = await bothHosts();
    const pids = async (query: Partial<RowsQuery>) =>
      (await queried(fleet, query)).rows.map(([, pid]) => pid);
    expect(await pids({ where: 'comm=nfsd*,age>30', sort: '-age' })).toEqual([71, 70]);
    expect(await pids({ where: 'comm=nfsd', sort: 't->pid' })).toEqual([5, 70]);
    expect(await pids({ where: 'state=TASK_UNINTERRUPTIBLE,pid!=70' })).toEqual([71]);
    expect(await pids({ where: 'state=2', sort: '-pid', limit: 1 })).toEqual([71]);
    expect(await pids({ where: 'host=demo-2,age<=7' })).toEqual([5]);
    expect(await pids({ sort: '-age' })).toEqual([1, 1, 71, 70, 5, null]);
    expect(await pids({ limit: 2 })).toEqual([1, 70]);
  });

  it(`rows are counted and measured in groups, those with most rows first, in ${engine.name}`, async () => {
    const fleet = await bothHosts();
    const { columns, rows } = await queried(fleet, { where: 'age>=0', groupBy: ['comm'], of: 'age' });
    expect(columns).toEqual([
      'comm',
      'rows',
      'hosts',
      'sum(age)',
      'min(age)',
      'median(age)',
      'p99(age)',
      'max(age)',
    ]);
    expect(rows.at(-1)).toEqual(['nfsd:grp', 1, 1, 45, 45, 45, 45, 45]);
    expect(rows).toContainEqual(['systemd', 2, 2, 1700, 800, 800, 900, 900]);
    expect(rows).toContainEqual(['nfsd', 2, 2, 38, 7, 7, 31, 31]);
    const top = await queried(fleet, { groupBy: ['host', 'state'], sort: '-rows', limit: 1 });
    expect([top.rows, top.counts?.others]).toEqual([[['demo-1', 'TASK_UNINTERRUPTIBLE /* 2 */', 2, 1]], 3]);
  });

  it(`a column that no host reported is refused with those that there are, in ${engine.name}`, async () => {
    const fleet = await bothHosts();
    await expect(queried(fleet, { where: 'command=nfsd' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message:
        'no row has a column \'command\'; there are "t->pid", "t->comm", state, age, "inode->i_ino", host, kernel, arch, wave',
    });
    expect(await codeOf(queried(fleet, { groupBy: ['comm'], sort: 'age' }))).toBe('NOT_FOUND');
    expect(await codeOf(queried({ ...fleet, id: 'none' }, {}))).toBe('NOT_FOUND');
  });

  it(`what a host says too late is in no row, and neither is a host without rows, in ${engine.name}`, async () => {
    const { parts, id } = await startedWith([[HOSTS.one, {}]]);
    await parts.outcomes.expireSilentHosts(id);
    expect((await queried({ parts, id }, {})).counts).toMatchObject({ rows: 0, hosts: 0 });
  });
});

describe('conditions on rows', () => {
  it.each([
    ['comm', /character 5: expected one of != >= <= = > < behind 'comm'/],
    ['=3', /character 1: expected the name of a column/],
    ['a=1,', /character 5: a condition is missing/],
    ['a=1,,b=2', /character 5: expected the name of a column/],
    ['age>old', /'>' compares numbers, and 'old' is none/],
    ['"a=1', /begins with a quote, and no quote ends it/],
    [Array.from({ length: 17 }, (_, index) => `c${index}=1`).join(','), /more than 16 conditions/],
  ])('the condition %s is refused with the place', (where, message) => {
    expect(() => parseWhere(where)).toThrow(message);
  });

  it('conditions may have arrows of C, quotes and commas', () => {
    expect(parseWhere('t->comm="a, \\"b\\"" , "x=y">=0x10,a->b>-3')).toEqual([
      { column: 't->comm', comparison: '=', value: 'a, "b"' },
      { column: 'x=y', comparison: '>=', value: '0x10' },
      { column: 'a->b', comparison: '>', value: '-3' },
    ]);
  });

  it('any text is conditions or an error that says where', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab->=!<",\\ 12') }), where => {
        try {
          parseWhere(where);
        } catch (error) {
          expect(error).toBeInstanceOf(FarcallError);
          expect((error as FarcallError).message).toMatch(/^the condition, character \d+: /);
        }
      }),
    );
  });
});
