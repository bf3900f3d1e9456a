import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createLogger, logRefusal } from '../../../controller/log/index.ts';
import { type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';

/** The line that is logged about a refusal with this code. */
function lineOf(code: ErrorCode): Record<string, unknown> {
  const lines: string[] = [];
  const log = pino({ level: 'debug', base: null }, { write: line => void lines.push(line) });
  logRefusal(log, { method: 'm' }, new FarcallError(code, 'there is no such request'), 'call refused');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

test("the log of a caller's mistake has its reason in one line and no stack", () => {
  const line = lineOf('NOT_FOUND');
  expect(line).toMatchObject({
    level: 30,
    method: 'm',
    code: 'NOT_FOUND',
    reason: 'there is no such request',
  });
  expect(JSON.stringify(line)).not.toContain('logger.test.ts');
});

test('the log of a failure of the controller itself is an error with its stack', () => {
  const line = lineOf('STORE_FAILED');
  expect(line).toMatchObject({ level: 50, code: 'STORE_FAILED' });
  expect(JSON.stringify(line)).toContain('logger.test.ts');
});

test('what others wrote is in the log in ASCII, and reads as it was', () => {
  const file = join(tmpdir(), `farcall-log-${process.pid}`);
  const fd = openSync(file, 'w');
  const reason = 'x\u009b31m\u202e\u001b[2J\nFORGED 手';
  createLogger('info', fd).info({ reason }, 'call refused');
  closeSync(fd);
  const text = readFileSync(file, 'utf8');
  rmSync(file);
  expect(text).toMatch(/^[ -~]+\n$/);
  expect(JSON.parse(text)).toMatchObject({ reason, msg: 'call refused' });
});
