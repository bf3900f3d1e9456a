import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { namedTrustVersion } from '../../../agent/trust/index.ts';
import { StatementLog } from '../../../agent/trust/statement-log.ts';
import { STATEMENT_LIMIT_MS } from '../../../agent/verify/index.ts';
import { orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);

describe('what controllers have stated about the newest bundle', () => {
  let stateDirectory: string;
  let logged: { readonly level: number; readonly msg: string }[];
  const open = (current = 3): StatementLog => {
    const log = pino({}, { write: line => void logged.push(JSON.parse(line)) });
    return new StatementLog({ stateDirectory, current, nowMs: NOW_MS, log });
  };
  const levels = (): number[] => logged.map(({ level }) => level);

  beforeEach(() => {
    stateDirectory = temporaryDirectory();
    logged = [];
  });

  test('what controllers have stated is nothing at first, and then the latest confirmation', () => {
    const statements = open();
    expect(statements.statements).toEqual({ confirmedAtMs: 0, newer: undefined });
    statements.confirmed(NOW_MS);
    statements.confirmed(NOW_MS - 1);
    expect(statements.statements.confirmedAtMs).toBe(NOW_MS);
  });

  test('a newer bundle is known since it was first named, and by its highest version, over a start', () => {
    const statements = open();
    statements.named(5, 3, NOW_MS);
    statements.named(5, 3, NOW_MS + 1000);
    statements.named(4, 3, NOW_MS + 2000);
    expect(statements.statements.newer).toEqual({ version: 5, sinceMs: NOW_MS });
    expect(logged).toHaveLength(1);
    statements.named(6, 3, NOW_MS + 3000);
    expect(statements.statements.newer).toEqual({ version: 6, sinceMs: NOW_MS });
    expect(open().statements.newer).toEqual({ version: 6, sinceMs: NOW_MS });
    expect(readFileSync(join(stateDirectory, 'trust-newer.json'), 'utf8')).toMatch(/\n$/);
  });

  test('a newer bundle that was named is forgotten once another one is accepted, also over a start', () => {
    const statements = open();
    statements.named(5, 3, NOW_MS);
    statements.replaced();
    expect(statements.statements.newer).toBeUndefined();
    statements.named(6, 5, NOW_MS + 9);
    expect(statements.statements.newer).toEqual({ version: 6, sinceMs: NOW_MS + 9 });
    expect(open(3).statements.newer).toBeUndefined();
    expect(open(5).statements.newer).toEqual({ version: 6, sinceMs: NOW_MS + 9 });
  });

  test.each([
    ['no JSON', '{'],
    ['no version', JSON.stringify({ current: 3, version: 0, sinceMs: 1 })],
    ['a time before all', JSON.stringify({ current: 3, version: 4, sinceMs: -1 })],
    ['a member more', JSON.stringify({ current: 3, version: 4, sinceMs: 1, more: 1 })],
  ])('a record of a newer bundle with %s counts as none', (_what, text) => {
    writeFileSync(join(stateDirectory, 'trust-newer.json'), text);
    expect(open().statements.newer).toBeUndefined();
  });

  test('a newer bundle that could not be recorded counts all the same', () => {
    mkdirSync(join(stateDirectory, 'trust-newer.json.new'));
    const statements = open();
    statements.named(5, 3, NOW_MS);
    expect(statements.statements.newer).toEqual({ version: 5, sinceMs: NOW_MS });
    expect(levels()).toEqual([30, 50]);
  });

  test('it is logged once when statements stay away, and when they come again', () => {
    const statements = open();
    statements.report(3, NOW_MS + STATEMENT_LIMIT_MS);
    expect(logged).toEqual([]);
    statements.report(3, NOW_MS + STATEMENT_LIMIT_MS + 1);
    statements.report(3, NOW_MS + STATEMENT_LIMIT_MS + 2);
    expect(levels()).toEqual([40]);
    statements.confirmed(NOW_MS + 10);
    statements.report(3, NOW_MS + STATEMENT_LIMIT_MS + 10);
    expect(levels()).toEqual([40, 30]);
    statements.named(5, 3, NOW_MS);
    logged = [];
    statements.report(3, NOW_MS + 1);
    statements.report(3, NOW_MS + 10 * STATEMENT_LIMIT_MS);
    expect(levels()).toEqual([50]);
    statements.replaced();
    statements.report(5, NOW_MS + 20);
    expect(levels()).toEqual([50, 30]);
  });
});

test('an order that names no version of a trust bundle, or one that is no number, names 0', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const named = (trustVersion: unknown): number =>
    namedTrustVersion(
      orderEnvelopeCodec.encode({
        ...{ request: Buffer.from('r'), requestToken: 'a.b.c', approvals: [], withdrawals: [] },
        order: `${part({ alg: 'EdDSA' })}.${part({ trustVersion })}.AA`,
      }),
    );
  expect([7, 1.5, '7', null, 2 ** 53].map(named)).toEqual([7, 0, 0, 0, 0]);
});
