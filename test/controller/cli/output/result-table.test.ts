import { describe, expect, it } from 'vitest';
import { renderNotes, renderResults } from '../../../../controller/cli/output/result-table.ts';
import { hostResultOf } from '../../../../controller/views/index.ts';
import { type CallResult, callResultCodec, type HostReport } from '../../../../shared/messages/index.ts';

const RESULT: CallResult = {
  protocol: 1,
  host: 'demo-1',
  requestDigest: new Uint8Array(32),
  attempt: 1,
  orderId: 'order-of-test',
  outcome: 'returned',
  value: { type: 'int', text: '(int)17', kind: 'int', integer: '17' },
  kernelLog: ['Hello, world 1234'],
  timings: { verifyUs: 1, compileUs: 2, spawnUs: 3, loadUs: 4, totalUs: 12_345 },
  finishedAtMs: 1,
  kernelRelease: '6.12.48',
};

const WAVE = { wave: 1, attempt: 1 } as const;

const report = (overrides: Partial<CallResult>, late?: Partial<CallResult>): HostReport => {
  const seal = (result: CallResult) => ({ result: callResultCodec.encode(result), signature: 'signed' });
  const result = { ...RESULT, ...overrides };
  return {
    host: result.host,
    kernelRelease: '6.12.47',
    arch: 'x86_64',
    outcome: result.outcome,
    result: seal(result),
    lateResult: late && seal({ ...result, ...late }),
    ...WAVE,
  };
};

describe('the table of results', () => {
  const failed = { value: undefined, kernelLog: [] };
  const hosts = [
    report({
      host: 'demo-2',
      outcome: 'faulted',
      ...failed,
      error: { code: 'CALL_FAULTED', message: 'bad address\n    *(int *)8\n    ^' },
    }),
    report({}),
    report(
      { host: 'demo-3', outcome: 'timed-out', ...failed },
      { outcome: 'returned', value: RESULT.value, kernelLog: ['late line'] },
    ),
    { host: 'demo-4', kernelRelease: '6.1.0', arch: 'x86_64', outcome: 'expired', ...WAVE } as const,
    { host: 'demo-5', kernelRelease: '6.1.0', arch: 'x86_64', ...WAVE } as const,
  ].map(hostResultOf);

  it('the result table has a line for each host, sorted by name', () => {
    expect(renderResults(hosts, { width: 100, hasColours: false })).toMatchInlineSnapshot(`
      [
        "HOST    KERNEL   OUTCOME    VALUE                      TIME",
        "demo-1  6.12.48  returned   (int)17                    12.3 ms",
        "demo-2  6.12.48  faulted    CALL_FAULTED: bad address  12.3 ms",
        "demo-3  6.12.48  timed-out  later returned (int)17     12.3 ms",
        "demo-4  6.1.0    expired",
        "demo-5  6.1.0    …",
      ]
    `);
  });

  it('kernel logs and late results follow the table', () => {
    expect(renderNotes(hosts)).toEqual([
      'demo-1: Hello, world 1234',
      'demo-3: late: returned (int)17',
      'demo-3: late line',
    ]);
  });

  it('the rows of a host come before its kernel log, and their number is limited', () => {
    const row = (pid: number, comm: string) => ({
      values: [
        { type: 'pid_t', text: `(pid_t)${pid}`, kind: 'int' as const, integer: String(pid) },
        { type: 'char [16]', text: `"${comm}"`, kind: 'string' as const, string: comm },
      ],
    });
    const rows = [row(1, 'init'), row(22, 'bad\u001b[2J'), ...Array.from({ length: 60 }, () => row(3, 'x'))];
    const notes = renderNotes([hostResultOf(report({ rows, droppedRows: 2 }))]);
    expect(notes.slice(0, 3)).toEqual(['demo-1: 1   "init"', 'demo-1: 22  "bad\\033[2J"', 'demo-1: 3   "x"']);
    expect(notes.slice(50)).toEqual([
      'demo-1: (12 more rows not shown here)',
      'demo-1: (2 more rows dropped: the result had no room)',
      'demo-1: Hello, world 1234',
    ]);
  });

  it.each([
    ['another outcome', { ...report({}), outcome: 'skipped' as const }],
    ['another host', { ...report({}), host: 'demo-9' }],
    ['another host late', { ...report({}), lateResult: report({ host: 'demo-9' }).result }],
  ])("a controller that names %s than the host's signed bytes is refused", (_name, lie) => {
    expect(() => hostResultOf(lie)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });
});
