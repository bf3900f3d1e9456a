import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallResult,
  type OrderEnvelope,
  type ResultRow,
  typedValue,
} from '../../../shared/messages/index.ts';
import { OPEN_POLICY } from '../../agent/support/open-policy.ts';
import { startAgentProcess } from '../../kit/fleet/agent-process.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { readCsv } from '../../kit/receivers/read-csv.ts';

const LABELS = { env: 'demo' };
const NAMES = ['demo-1', 'demo-2', 'demo-3', 'demo-4', 'demo-5', 'demo-6'] as const;
const FORMULA = '=HYPERLINK("http://evil.example","x"),[31m';

/** A row of a task, as a host reports it. */
function rowOf(pid: number, comm: string): ResultRow {
  const string = typedValue({ type: 'char[16]', kind: 'string', string: comm });
  const number = typedValue({ type: 'int', kind: 'int', integer: String(pid), signed: true });
  return { columns: ['t->pid', 't->comm'], values: [number, string] };
}

/** What the hosts say, by name; demo-6 says nothing. */
const ANSWERS: Readonly<Record<string, Partial<CallResult>>> = {
  'demo-1': { rows: [rowOf(7, `${FORMULA}\u001b`), rowOf(40, 'nfsd')], droppedRows: 2 },
  'demo-2': { kernelRelease: '=2+5', rows: [rowOf(41, 'nfsd')] },
  'demo-3': {
    value: { type: 'int', text: '', kind: 'int', integer: '-22', errnoName: '-EINVAL' },
  },
  'demo-4': {
    outcome: 'load-error',
    value: undefined,
    error: { code: 'MODULE_REFUSED', message: FORMULA },
    loaderErrno: 129,
  },
  'demo-5': {
    outcome: 'refused',
    value: undefined,
    error: { code: 'POLICY_REFUSED', message: '-1: rule 3 forbids f' },
  },
};

describe('reports of a request', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let id: string;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: Object.fromEntries(NAMES.map(name => [name, LABELS])) });
    ({ controller } = fleet);
    id = await controller.approved('f()', '--hosts', 'env=demo', '--reason', '=cmd()');
    for (const [name, answer] of Object.entries(ANSWERS)) {
      const order: OrderEnvelope = await fleet.host(name).nextOrder(id);
      expect(await fleet.host(name).answer(order, answer)).toMatchObject({ committed: true });
    }
  });
  afterAll(() => fleet?.stop());

  const farcall = (...args: string[]) => controller.farcallHere('alice', args);
  const lines = (text: string): string[] => text.trim().split('\n');

  it('a report of a request groups hosts, and its sums add up', async () => {
    const { code, stdout } = await farcall('report', id, '--group-by', 'outcome,value,error,errno');
    expect(code).toBe(7);
    expect(lines(stdout)).toEqual([
      `${id} dispatched, 5 of 6 hosts: 3 returned, 1 refused, 1 load-error`,
      '6 expected = 3 returned + 1 refused + 1 load-error + 1 waiting',
      'HOSTS  OUTCOME     VALUE                   ERROR           ERRNO         EXAMPLES',
      '    2  returned    (int)17                                               demo-1 demo-2',
      '    1  returned    (int)-22 /* -EINVAL */                  EINVAL        demo-3',
      '    1  load-error                          MODULE_REFUSED  EKEYREJECTED  demo-4',
      '    1  refused                             POLICY_REFUSED                demo-5',
      '    1  waiting                                                           demo-6',
    ]);
  });

  it('a report of a request filters by what hosts said', async () => {
    const hostsOf = async (...filters: string[]): Promise<string[]> => {
      const args = filters.flatMap(filter => ['--filter', filter]);
      const { stdout } = await farcall('report', id, '--format', 'jsonl', ...args);
      return stdout === '' ? [] : lines(stdout).map(line => JSON.parse(line).host);
    };
    expect(await hostsOf()).toEqual([...NAMES]);
    expect(await hostsOf('outcome=refused,waiting')).toEqual(['demo-5', 'demo-6']);
    expect(await hostsOf('value=(int)17')).toEqual(['demo-1', 'demo-2']);
    expect(await hostsOf('errno=E*')).toEqual(['demo-3', 'demo-4']);
    expect(await hostsOf('error=MODULE_REFUSED', 'error=POLICY_*')).toEqual(['demo-4', 'demo-5']);
    expect(await hostsOf('host=demo-?', 'outcome=returned', 'wave=1')).toHaveLength(3);
    expect(await hostsOf('wave=2')).toEqual([]);
    expect(await hostsOf('kernel=5.*')).toEqual([]);
  });

  it('a report shows the rows of all hosts as one table, filtered, sorted and in groups', async () => {
    const rows = (...args: string[]) => farcall('report', id, '--rows', ...args);
    expect(lines((await rows('--where', 'comm=nfsd', '--sort', '-pid')).stdout)).toEqual([
      'host    t->pid  t->comm',
      'demo-2  41      nfsd',
      'demo-1  40      nfsd',
      '2 of 3 rows of 2 hosts; hosts dropped 2 more, because their results had no room',
    ]);
    expect(lines((await rows('--group-by', 'comm', '--of', 'pid')).stdout).slice(0, 2)).toEqual([
      expect.stringMatching(
        /^comm +rows +hosts +sum\(pid\) +min\(pid\) +median\(pid\) +p99\(pid\) +max\(pid\)$/,
      ),
      expect.stringMatching(/^nfsd +2 +2 +81 +40 +40 +41 +41$/),
    ]);
    expect((await rows()).stdout).toMatch(/^demo-1 {2}7 .*\\u\{1b\}/m);
    expect((await rows()).stdout).not.toContain('\u001b');
    expect(
      lines((await rows('--format', 'jsonl', '--where', 'pid>7')).stdout).map(line => JSON.parse(line)),
    ).toEqual([
      { host: 'demo-1', 't->pid': 40, 't->comm': 'nfsd' },
      { host: 'demo-2', 't->pid': 41, 't->comm': 'nfsd' },
    ]);
    const [head, first] = readCsv((await rows('--format', 'csv')).stdout);
    expect([head, first]).toEqual([
      ['host', 't->pid', 't->comm'],
      ['demo-1', '7', `'${FORMULA}\\u{1b}`],
    ]);
    expect(JSON.parse((await rows('--json', '--top', '1')).stdout)).toMatchObject({
      ...{ columns: ['host', 't->pid', 't->comm'], rows: [['demo-1', 7, `${FORMULA}\u001b`]] },
      counts: { rows: 3, matching: 3, hosts: 2, dropped: 2 },
    });
  });

  it.each([
    [['--where', 'pid>7'], /--where is about rows; add --rows or --writes/],
    [['--rows', '--where', 'pid>many'], /the condition, character 9: '>' compares numbers/],
    [['--rows', '--sort', 'command'], /no row has a column 'command'; there are "t->pid", "t->comm", host/],
    [['--rows', '--of', 'pid'], /--of measures a column in groups; add --group-by/],
    [['--rows', '--filter', 'host=demo-1'], /use --where instead of --filter/],
    [['--rows', '--top', '0'], /write a number from 1 to 10000/],
  ])('a report with %s is refused with what to write', async (args, message) => {
    const { code, stdout, stderr } = await farcall('report', id, ...args);
    expect([code, stdout, stderr]).toEqual([expect.any(Number), '', expect.stringMatching(message)]);
    expect(code).toBeGreaterThan(0);
  });

  it('a report of a request exports JSON lines that say whose word is whose', async () => {
    const { stdout } = await farcall('report', id, '--format', 'jsonl');
    const hosts = lines(stdout).map(line => JSON.parse(line));
    expect(hosts[2]).toMatchObject({
      ...{ host: 'demo-3', wave: 1, attempt: 1, outcome: 'returned', saidBy: 'host', errno: 'EINVAL' },
      result: { value: { integer: '-22', text: '(int)-22 /* -EINVAL */' } },
    });
    expect(hosts[5]).toMatchObject({ host: 'demo-6', outcome: null, saidBy: 'controller', result: null });
    expect(stdout).toMatch(/^[ -~\n]+$/);
  });

  it('a report of a request exports CSV that another reader reads back, and no spreadsheet runs', async () => {
    const file = join(controller.folder, 'hosts.csv');
    expect(await farcall('report', id, '--format', 'csv', '--output', file)).toMatchObject({ stdout: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [head = [], ...rows] = readCsv(readFileSync(file, 'utf8'));
    const hosts = rows.map(row => Object.fromEntries(head.map((name, column) => [name, row[column]])));
    expect(hosts.map(({ host, outcome, said_by }) => [host, outcome, said_by])).toEqual([
      ['demo-1', 'returned', 'host'],
      ['demo-2', 'returned', 'host'],
      ['demo-3', 'returned', 'host'],
      ['demo-4', 'load-error', 'host'],
      ['demo-5', 'refused', 'host'],
      ['demo-6', 'waiting', 'controller'],
    ]);
    expect(hosts[1]?.['kernel_release']).toBe("'=2+5");
    expect(hosts[3]?.['message']).toBe(`'${FORMULA}`);
    expect(hosts[4]?.['message']).toBe("'-1: rule 3 forbids f");
    expect(rows.flat().filter(cell => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    expect(await farcall('report', id, '--output', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exists already'),
    });
  });

  it('a report of a request tells the time line and the history', async () => {
    const { stdout } = await farcall('timeline', id);
    expect(
      lines(stdout).map(line => line.replace(/^.{23} {2}\S+ \S+ +/, '').replace(/ within [^:]+/, '')),
    ).toEqual([
      'made by alice for 6 hosts',
      'approved by bob',
      'approved by carol',
      'enough people approved',
      'driven by ctl-1',
      'wave 1 begins',
      'ordered, wave 1',
      'the broker has the order',
      '5 hosts answered: 3 returned, 1 refused, 1 load-error',
    ]);
    const past = async (...args: string[]) =>
      JSON.parse((await farcall('requests', '--json', ...args)).stdout);
    expect(await past('--requester', 'alice', '--since', '1h')).toMatchObject([
      { id, reason: '=cmd()', sums: { expected: 6, returned: 3, refused: 1, 'load-error': 1, waiting: 1 } },
    ]);
    expect(await past('--requester', 'bob')).toEqual([]);
    expect(await past('--state', 'finished,aborted')).toEqual([]);
    expect((await farcall('requests', '--since', 'soon')).code).toBe(2);
  });

  it('a report of a request tells of agents what they decided themselves', async () => {
    for (const [name, policy] of [
      ['web-01', {}],
      ['web-02', { effects: ['read'] }],
      ['web-03', { functions: { allow: [], deny: ['*'] } }],
    ] as const) {
      const home = await enrolledHome(controller, name, { env: 'web' });
      writeFileSync(join(home.directory, 'policy.json'), JSON.stringify({ ...OPEN_POLICY, ...policy }));
      startAgentProcess(home);
      await controller.logged(line => line['host'] === name && line['effect'] === 'registered');
    }
    const web = await controller.approved('_printk("hello")', '--hosts', 'env=web', '--reason', 'why');
    expect((await farcall('watch', web, '--until', 'done')).code).toBe(3);
    const jsonl = lines((await farcall('report', web, '--format', 'jsonl')).stdout).map(line =>
      JSON.parse(line),
    );
    const csv = readCsv((await farcall('report', web, '--format', 'csv')).stdout).slice(1);
    for (const rows of [
      jsonl.map(({ host, outcome, result }) => [host, outcome, result.value?.text ?? result.error.code]),
      csv.map(([host, , , outcome, , value, , error]) => [host, outcome, value || error]),
    ])
      expect(rows).toEqual([
        ['web-01', 'returned', '(int)17'],
        ['web-02', 'refused', 'POLICY_REFUSED'],
        ['web-03', 'refused', 'POLICY_REFUSED'],
      ]);
    const { stdout } = await farcall('report', web, '--group-by', 'outcome', '--format', 'csv');
    expect(readCsv(stdout).map(row => row.slice(0, 2))).toEqual([
      ['hosts', 'outcome'],
      ['2', 'refused'],
      ['1', 'returned'],
    ]);
  });

  it('the store holds what reports show', async () => {
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });
});
