import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppendFile } from '../../../agent/journal/append-file.ts';
import { appendEntry, compact } from '../../../agent/journal/compact.ts';
import { decodeEntry, type JournalEntryOf, REMEMBER_MS, scanFrames } from '../../../agent/journal/index.ts';
import { JournalState } from '../../../agent/journal/journal-state.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const LONG_AGO_MS = NOW_MS - REMEMBER_MS;

describe('a compaction', () => {
  const path = () => join(temporaryDirectory(), 'journal');
  const position = { sequence: 41, head: randomBytes(32) };

  /** A journal file with `fill`, compacted now; the entries of the new file. */
  function compacted(fill: (file: AppendFile, state: JournalState) => void) {
    const [file, state] = [AppendFile.open(path()), new JournalState()];
    fill(file, state);
    const made = compact({ file, state, host: 'web-01', position, nowMs: NOW_MS });
    const entries = scanFrames(made.readAll()).frames.map(({ payload }) => decodeEntry(payload).entry);
    return { made, old: file, state, entries };
  }
  function outcome(expiresAtMs: number, attempt = 1): JournalEntryOf<'outcome'> {
    const resultDigest = randomBytes(32).toString('base64url');
    const request = 'A'.repeat(43);
    return { kind: 'outcome', request, attempt, expiresAtMs, outcome: 'returned', resultDigest };
  }
  /** Adds an outcome with a result of ten bytes, which the controller has if `isCommitted`. */
  function add(file: AppendFile, state: JournalState, entry: JournalEntryOf<'outcome'>, isCommitted = false) {
    const { bodyOffset, bodyLength } = appendEntry(file, entry, { body: Buffer.alloc(10, 0x41) });
    state.apply(entry, { kind: 'file', spoolOffset: bodyOffset, length: bodyLength });
    state.outcome(entry.resultDigest)!.committed = isCommitted;
  }

  test('a compaction keeps whose journal it is and how far it has come, and nothing else of nothing', () => {
    const { entries, made } = compacted((_file, state) => state.raise({ seenMs: 5, restartedMs: 6 }));
    expect(entries).toEqual([
      { kind: 'journal', version: 1, host: 'web-01' },
      {
        ...{ kind: 'position', sequence: 41, head: position.head.toString('base64url') },
        ...{ seenMs: 5, forgottenMs: 0, restartedMs: 6 },
      },
    ]);
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${made.path}.new`)).toBe(false);
    expect(readFileSync(made.path)).toHaveLength(made.sizeBytes);
  });

  test('a compaction forgets a settled attempt only after the time for which it is remembered', () => {
    const [kept, over] = [outcome(LONG_AGO_MS, 1), outcome(LONG_AGO_MS - 1, 2)];
    const { state, entries } = compacted((file, before) => {
      for (const each of [kept, over]) add(file, before, each, true);
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['journal', 'committed', 'position']);
    expect(state.outcome(kept.resultDigest)).toMatchObject({ location: { kind: 'dropped' } });
    expect(state.outcome(over.resultDigest)).toBeUndefined();
    expect(entries.at(-1)).toMatchObject({ forgottenMs: LONG_AGO_MS - 1 });
    expect(state.watermarks.forgottenMs).toBe(LONG_AGO_MS - 1);
  });

  test('a compaction keeps what is not settled, however old: a result that nobody has, and a call without outcome', () => {
    const open = outcome(1, 1);
    const times = { expiresAtMs: 1, startedAtMs: 1, seenMs: 1 };
    const { request } = open;
    const intent = {
      kind: 'intent',
      request,
      attempt: 2,
      orderId: 'o',
      kernelRelease: '6',
      ...times,
    } as const;
    const { state, entries, made } = compacted((file, before) => {
      add(file, before, open);
      before.apply(intent);
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['journal', 'outcome', 'intent', 'position']);
    const { location } = state.outcome(open.resultDigest)!;
    if (location.kind !== 'file') throw new Error(`the result is ${location.kind}`);
    expect(Buffer.from(made.read(location.spoolOffset, location.length)).toString()).toBe('A'.repeat(10));
    expect(state.watermarks.forgottenMs).toBe(0);
  });

  test('a compaction keeps an attempt of which one outcome is not committed', () => {
    const [first, second] = [outcome(1), { ...outcome(1), outcome: 'timed-out' as const }];
    const { entries } = compacted((file, state) => {
      add(file, state, first, true);
      add(file, state, second);
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['journal', 'committed', 'outcome', 'position']);
  });

  test('a compaction writes a result that was only in memory', () => {
    const kept = outcome(NOW_MS);
    const envelope = Buffer.from('in memory');
    const { state, made } = compacted((_file, before) => before.apply(kept, { kind: 'memory', envelope }));
    const { location } = state.outcome(kept.resultDigest)!;
    if (location.kind !== 'file') throw new Error(`the result is ${location.kind}`);
    expect(Buffer.from(made.read(location.spoolOffset, location.length))).toEqual(envelope);
  });

  test('a compaction keeps what was forgotten before, and forgets the latest of what it forgets', () => {
    const forgets = (...times: number[]) =>
      compacted((file, state) => {
        state.raise({ forgottenMs: LONG_AGO_MS - 20 });
        times.forEach((ms, index) => void add(file, state, outcome(ms, index + 1), true));
      }).state.watermarks.forgottenMs;
    expect(forgets(LONG_AGO_MS - 30)).toBe(LONG_AGO_MS - 20);
    expect(forgets(LONG_AGO_MS - 10, LONG_AGO_MS - 15)).toBe(LONG_AGO_MS - 10);
  });

  test('a compaction forgets an abort only after the time for which it is remembered, and says so', () => {
    const abort = (request: string, expiresAtMs: number) =>
      ({ kind: 'abort', request: request.repeat(43), expiresAtMs, by: 'bob', reason: 'no' }) as const;
    const { state, entries } = compacted((_file, before) => {
      before.apply(abort('A', LONG_AGO_MS));
      before.apply(abort('B', LONG_AGO_MS - 1));
    });
    expect(entries.map(({ kind }) => kind)).toEqual(['journal', 'abort', 'position']);
    expect(state.aborts()).toEqual([abort('A', LONG_AGO_MS)]);
    expect(state.watermarks.forgottenMs).toBe(LONG_AGO_MS - 1);
  });

  test('a compaction that fails leaves the old file and the state as they were', () => {
    const lost = outcome(LONG_AGO_MS - 1, 2);
    const [file, state] = [AppendFile.open(path()), new JournalState()];
    add(file, state, outcome(NOW_MS));
    add(file, state, lost, true);
    const before = file.readAll();
    state.outcome([...state.outcomes()][0]!.entry.resultDigest)!.location = {
      kind: 'file',
      spoolOffset: 9999,
      length: 9,
    };
    expect(() => compact({ file, state, host: 'web-01', position, nowMs: NOW_MS })).toThrow(/cannot be read/);
    expect(existsSync(`${file.path}.new`)).toBe(false);
    expect(file.readAll()).toEqual(before);
    expect(state.outcome(lost.resultDigest)).toBeDefined();
    expect(state.watermarks.forgottenMs).toBe(0);
    file.append(Buffer.from('x'), { sync: true });
  });

  test('a compaction closes the old file', () => {
    const { old } = compacted(() => undefined);
    expect(() => old.append(Buffer.from('x'), { sync: false })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_FAILED' }),
    );
  });
});
