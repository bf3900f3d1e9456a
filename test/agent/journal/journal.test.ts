import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REMEMBER_MS } from '../../../agent/journal/compact.ts';
import { JOURNAL_FILE } from '../../../agent/journal/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { digestText } from '../../../shared/tokens/index.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { openJournal, outcomeRecord, permittedCall } from '../support/journal-kit.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const NOTES = { startedAtMs: NOW_MS, seenMs: 0, kernelRelease: '6.1.0', moduleDigest: undefined };
const kit = orderKit(NOW_MS);

function newKey(attempt = 1) {
  return { requestDigest: randomBytes(32), attempt };
}

async function newCall(attempt = 1) {
  return permittedCall(kit, await kit.order({ attempt }), NOW_MS);
}

test('an intent is known after the next start, and is interrupted until there is an outcome', async () => {
  const directory = temporaryDirectory();
  const call = await newCall();
  const first = openJournal(directory);
  first.begin(call, NOTES);
  first.close();

  const second = openJournal(directory);
  expect(second.knows(call.order.key)).toBe(true);
  expect(second.interrupted()).toMatchObject([{ orderId: call.order.orderId, attempt: 1 }]);
  second.record(outcomeRecord(call.order.key, 'unknown'));
  expect(second.interrupted()).toEqual([]);
  second.close();

  const third = openJournal(directory);
  expect(third.interrupted()).toEqual([]);
  expect(third.pending()).toMatchObject([{ outcome: 'unknown' }]);
});

test('an attempt is begun once', async () => {
  const journal = openJournal(temporaryDirectory());
  const call = await newCall();
  journal.begin(call, NOTES);
  expect(() => journal.begin(call, NOTES)).toThrow(expect.objectContaining({ code: 'ALREADY_SEEN' }));
});

test('a call without permission is not begun', async () => {
  const journal = openJournal(temporaryDirectory());
  const forged = { ...(await newCall()) };
  expect(() => journal.begin(forged as never, NOTES)).toThrow(/without permission/);
  expect(journal.interrupted()).toEqual([]);
});

describe('a new attempt after an outcome', () => {
  const ranNothing = ['refused', 'not-applicable', 'compile-error', 'load-error', 'aborted', 'not-ordered'];
  test.each(OUTCOME_NAMES)(
    'a new attempt after an outcome is accepted only if the host knows that nothing ran: after %s',
    outcome => {
      const journal = openJournal(temporaryDirectory());
      const key = newKey();
      journal.record(outcomeRecord(key, outcome));
      const retry = () => journal.refuseIfRanBefore({ ...key, attempt: 2 });
      if (ranNothing.includes(outcome)) expect(retry).not.toThrow();
      else expect(retry).toThrow(expect.objectContaining({ code: 'ALREADY_SEEN' }));
    },
  );

  test('a new attempt after an outcome is refused while the other is running', async () => {
    const journal = openJournal(temporaryDirectory());
    const made = await kit.order();
    const call = await permittedCall(kit, made, NOW_MS);
    const retry = await permittedCall(kit, await kit.order({ request: made.request, attempt: 2 }), NOW_MS);
    journal.begin(call, NOTES);
    expect(() => journal.begin(retry, NOTES)).toThrow(expect.objectContaining({ code: 'ALREADY_SEEN' }));
  });

  test('a new attempt after an outcome is refused when a late outcome says that nothing ran after all', () => {
    const journal = openJournal(temporaryDirectory());
    const key = newKey();
    journal.record(outcomeRecord(key, 'timed-out'));
    journal.record(outcomeRecord(key, 'load-error'));
    expect(() => journal.refuseIfRanBefore({ ...key, attempt: 2 })).toThrow(/attempt 1 of this request ran/);
  });
});

test('results are pending until they are committed, across starts', () => {
  const directory = temporaryDirectory();
  const [one, two] = [outcomeRecord(newKey(), 'returned'), outcomeRecord(newKey(), 'refused')];
  const first = openJournal(directory);
  first.record(one);
  first.record(two);
  first.close();
  const second = openJournal(directory);
  expect(second.pending().map(({ outcome }) => outcome)).toEqual(['returned', 'refused']);
  expect(Buffer.from(second.readResult(digestText(one.resultDigest))!)).toEqual(one.envelope);
  second.commit(digestText(one.resultDigest), NOW_MS);
  second.close();
  const third = openJournal(directory);
  expect(third.pending().map(({ outcome }) => outcome)).toEqual(['refused']);
  third.recall(one.key);
  expect(third.pending()).toHaveLength(2);
});

test('the file is for its owner only', () => {
  const directory = temporaryDirectory();
  openJournal(directory).close();
  expect(statSync(join(directory, JOURNAL_FILE)).mode & 0o777).toBe(0o600);
});

test('a torn tail is cut off, and the file goes on behind it', () => {
  const directory = temporaryDirectory();
  const path = join(directory, JOURNAL_FILE);
  const kept = outcomeRecord(newKey(), 'returned');
  const first = openJournal(directory);
  first.record(kept);
  const soundBytes = statSync(path).size;
  first.record(outcomeRecord(newKey(), 'returned'));
  first.close();
  const whole = readFileSync(path);
  for (let end = soundBytes + 1; end < whole.length; end++) {
    writeFileSync(path, whole.subarray(0, end));
    const journal = openJournal(directory);
    expect(journal.pending()).toHaveLength(1);
    journal.close();
    expect(statSync(path).size).toBe(soundBytes);
  }
  const journal = openJournal(directory);
  journal.record(outcomeRecord(newKey(), 'refused'));
  journal.close();
  expect(openJournal(directory).pending()).toHaveLength(2);
});

test('a damaged journal is not used, and the error says what to do', () => {
  const directory = temporaryDirectory();
  const path = join(directory, JOURNAL_FILE);
  const journal = openJournal(directory);
  journal.record(outcomeRecord(newKey(), 'returned'));
  journal.record(outcomeRecord(newKey(), 'returned'));
  journal.close();
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1;
  writeFileSync(path, bytes);
  expect(() => openJournal(directory)).toThrow(
    expect.objectContaining({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringMatching(/journal: damaged at byte \d+ .* could then run a second time/),
    }),
  );
  expect(readFileSync(path)).toEqual(bytes);
});

test('the journal of another host is not used', () => {
  const directory = temporaryDirectory();
  openJournal(directory).close();
  const path = join(directory, JOURNAL_FILE);
  const other = Buffer.from(readFileSync(path).toString('latin1').replace('web-01', 'web-02'), 'latin1');
  writeFileSync(path, other);
  expect(() => openJournal(directory)).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED' }));
});

describe('compaction', () => {
  const day = 24 * 3_600_000;

  test('compaction keeps what is not committed and what replay protection needs', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, JOURNAL_FILE);
    const journal = openJournal(directory, 10_000);
    const call = await newCall();
    const pending = outcomeRecord(newKey(), 'faulted', { expiresAtMs: NOW_MS, length: 500 });
    const committed = outcomeRecord(newKey(), 'returned', { expiresAtMs: NOW_MS - day, length: 50_000 });
    journal.begin(call, NOTES);
    journal.record(committed);
    journal.record(pending);
    journal.commit(digestText(committed.resultDigest), NOW_MS);
    expect(statSync(path).size).toBeLessThan(3000);
    const after = outcomeRecord(newKey(), 'skipped');
    journal.record(after);
    journal.close();
    const next = openJournal(directory);
    expect(next.pending().map(({ outcome }) => outcome)).toEqual(['faulted', 'skipped']);
    expect(Buffer.from(next.readResult(digestText(pending.resultDigest))!)).toEqual(pending.envelope);
    expect(next.knows(committed.key)).toBe(true);
    expect(() => next.refuseIfRanBefore({ ...committed.key, attempt: 2 })).toThrow(/ran here/);
    expect(next.mayTry({ ...committed.key, attempt: 2 }, OUTCOME_NAMES)).toBe(false);
    expect(next.interrupted()).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('compaction forgets what was committed and is long expired, and only that', () => {
    const directory = temporaryDirectory();
    const journal = openJournal(directory, 10_000);
    const old = outcomeRecord(newKey(), 'returned', {
      expiresAtMs: NOW_MS - REMEMBER_MS - 1,
      length: 50_000,
    });
    const open = outcomeRecord(newKey(), 'returned', { expiresAtMs: NOW_MS - REMEMBER_MS - 1 });
    journal.record(open);
    journal.record(old);
    journal.commit(digestText(old.resultDigest), NOW_MS);
    expect(journal.mayTry({ ...old.key, attempt: 2 }, ['unreachable'])).toBe(true);
    expect(journal.knows(old.key)).toBe(false);
    expect(journal.knows(open.key)).toBe(true);
    journal.recall(old.key);
    expect(journal.pending()).toHaveLength(1);
  });

  test('compaction keeps the last outcome of a request, of refused ones too, and over a restart', () => {
    const directory = temporaryDirectory();
    const key = newKey();
    const later = { ...key, attempt: 2 };
    const journal = openJournal(directory, 10_000);
    const expiresAtMs = NOW_MS + 1000;
    const records = [
      outcomeRecord(key, 'load-error', { expiresAtMs }),
      outcomeRecord(later, 'refused', { expiresAtMs }),
    ];
    for (const record of records) journal.record(record);
    const filler = outcomeRecord(newKey(), 'returned', { length: 50_000, expiresAtMs });
    journal.record(filler);
    for (const { resultDigest } of [...records, filler]) journal.commit(digestText(resultDigest), NOW_MS);
    expect(statSync(join(directory, JOURNAL_FILE)).size).toBeLessThan(10_000);
    journal.recall(key);
    expect(journal.pending()).toEqual([]);
    journal.close();
    const next = openJournal(directory, 10_000);
    for (const [attempt, only, may] of [
      [3, ['refused'], true],
      [3, ['load-error', 'unreachable'], false],
      [2, ['refused'], false],
      [1, ['load-error'], false],
    ] as const)
      expect(next.mayTry({ ...key, attempt }, only), `${attempt} ${only}`).toBe(may);
    expect(next.mayTry({ ...key, attempt: 3 })).toBe(false);
  });

  test('compaction leaves no file behind when a crash interrupts it', () => {
    const directory = temporaryDirectory();
    const record = outcomeRecord(newKey(), 'returned');
    const journal = openJournal(directory);
    journal.record(record);
    journal.close();
    writeFileSync(join(directory, `${JOURNAL_FILE}.new`), 'half of a new journal');
    const next = openJournal(directory);
    expect(next.pending()).toHaveLength(1);
    expect(() => statSync(join(directory, `${JOURNAL_FILE}.new`))).toThrow(/ENOENT/);
  });
});

test('a file that shrinks while the agent runs is an error, and not an empty result', () => {
  const directory = temporaryDirectory();
  const journal = openJournal(directory);
  const record = outcomeRecord(newKey(), 'returned');
  journal.record(record);
  truncateSync(join(directory, JOURNAL_FILE), 20);
  expect(() => journal.readResult(digestText(record.resultDigest))).toThrow(
    expect.objectContaining({ code: 'JOURNAL_FAILED' }),
  );
});
