import { describe, expect, it } from 'vitest';
import { renderRequest, renderStatus } from '../../../../controller/cli/output/request-text.ts';
import { digestHex, readRequestView } from '../../../../controller/views/index.ts';
import { type CallRequest, callRequestCodec, type RequestView } from '../../../../shared/messages/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import { START_MS } from '../../../kit/cast.ts';
import { SITE } from '../support/canned-answers.ts';

const REQUEST: CallRequest = {
  protocol: 1,
  site: SITE,
  id: '7k2m9x4qw8rt',
  requester: 'alice',
  program: 'struct task_struct *t = find_task(4242);\nwake_up_process(t)\n',
  selector: 'env=prod,role!=db',
  reason: 'INC-17: wake it',
  policy: 'standard',
  effect: 'call',
  createdAtMs: START_MS,
  expiresAtMs: START_MS + 3_600_000,
  timeoutMs: 30_000,
};

const viewOf = (request: CallRequest): RequestView => ({
  request: callRequestCodec.encode(request),
  state: 'pending',
  approvers: ['bob'],
  threshold: 2,
  kernels: [
    { kernelRelease: '6.12.48+deb13-amd64', arch: 'x86_64', hosts: 3, examples: ['web-1', 'web-2'] },
    { kernelRelease: '6.1.0-40-amd64', arch: 'x86_64', hosts: 1, examples: ['web-9'] },
  ],
  outcomes: [],
  expectedHosts: 4,
  decisions: [],
  emptySeats: [],
  limited: [],
});

describe('the request that an approver sees', () => {
  it('an approver sees what the signed bytes say', () => {
    const read = readRequestView(viewOf(REQUEST), REQUEST.id);
    expect(renderRequest(read, START_MS + 60_000)).toMatchInlineSnapshot(`
      [
        "Request 7k2m9x4qw8rt",
        "  site       LabQ9sd0vFpR",
        "  requester  alice",
        "  reason     INC-17: wake it",
        "  hosts      env=prod,role!=db",
        "  policy     standard, effect call",
        "  made       2026-09-21 14:13:20 UTC",
        "  expires    2026-09-21 15:13:20 UTC (in 59 min)",
        "  timeout    30 s",
        "  waves      one wave with all hosts",
        "  digest     ${digestHex(sha256(callRequestCodec.encode(REQUEST)))}",
        "",
        "  1 | struct task_struct *t = find_task(4242);",
        "  2 | wake_up_process(t)",
      ]
    `);
  });

  it('an approver sees how often loops may turn, where the request says it', () => {
    const read = readRequestView(viewOf({ ...REQUEST, fuel: 250_000_000 }), REQUEST.id);
    expect(renderRequest(read, START_MS)).toContain('  fuel       250,000,000 turns of its loops');
  });

  it('an approver sees separately what the controller reports', () => {
    expect(renderStatus(readRequestView(viewOf(REQUEST)))).toMatchInlineSnapshot(`
      [
        "Reported by the controller, not signed:",
        "  state      pending, 1 of 2 approvals: bob",
        "  hosts      4 hosts by kernel:",
        "    3  6.12.48+deb13-amd64 x86_64  web-1, web-2, …",
        "    1  6.1.0-40-amd64 x86_64  web-9",
      ]
    `);
  });

  it('a line that is too long goes on in the next row, and nothing stands behind the edge', () => {
    const program = `int a;${' '.repeat(60)}panic("x");\n${'\t'.repeat(30)}hidden()`;
    const read = readRequestView(viewOf({ ...REQUEST, program }));
    const rows = renderRequest(read, START_MS, { columns: 40 });
    expect(rows.filter(row => row.includes(' | ') && row.length > 40)).toEqual([]);
    expect(rows.slice(-7)).toEqual([
      `  1 | int a;${' '.repeat(28)}`,
      `  ↪ | ${' '.repeat(32)}pa`,
      '  ↪ | nic("x");',
      `  2 | ${' '.repeat(34)}`,
      `  ↪ | ${' '.repeat(34)}`,
      `  ↪ | ${' '.repeat(34)}`,
      `  ↪ | ${' '.repeat(18)}hidden()`,
    ]);
  });

  it('a program cannot change the output with escape sequences', () => {
    const read = readRequestView(viewOf({ ...REQUEST, program: '\u001b[1A\u001b[2Kharmless()\u202e' }));
    expect(renderRequest(read, START_MS).at(-1)).toBe('  1 | \\u{1b}[1A\\u{1b}[2Kharmless()\\u{202e}');
  });

  it('a controller that sends another request than the one asked for is refused', () => {
    expect(() => readRequestView(viewOf(REQUEST), 'another')).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_INVALID',
        message: expect.stringContaining('instead of another'),
      }),
    );
  });

  it('the text says that a request has expired', () => {
    const text = renderRequest(readRequestView(viewOf(REQUEST)), REQUEST.expiresAtMs).join('\n');
    expect(text).toContain('(expired)');
  });
});
