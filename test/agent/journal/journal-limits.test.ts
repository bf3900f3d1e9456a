import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { hasJournal, isJournaledCall, JOURNAL_FILE, type Journal } from '../../../agent/journal/index.ts';
import { authenticateAbort } from '../../../agent/verify/index.ts';
import { digestText } from '../../../shared/tokens/index.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { openJournal, outcomeRecord, permittedCall } from '../support/journal-kit.ts';
import { selectableFacts } from '../support/stand-in-stages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const NOTES = { startedAtMs: NOW_MS, seenMs: 5, kernelRelease: '6.1.0', moduleDigest: 'M' };
const kit = orderKit(NOW_MS);
const newKey = (attempt = 1) => ({ requestDigest: randomBytes(32), attempt });

describe('a journal', () => {
  let directory: string;
  let journal: Journal;
  const again = (compactAboveBytes?: number): Journal => {
    journal.close();
    journal = openJournal(directory, compactAboveBytes);
    return journal;
  };

  beforeEach(() => {
    directory = temporaryDirectory();
    journal = openJournal(directory);
  });

  test('a journal is there once it was opened', () => {
    expect(hasJournal(temporaryDirectory())).toBe(false);
    expect(hasJournal(directory)).toBe(true);
    expect(journal.sizeBytes).toBe(statSync(join(directory, JOURNAL_FILE)).size);
  });

  test('a journal lets a host try what it never saw, if the order is for hosts without an outcome', () => {
    expect(journal.mayTry(newKey())).toBe(true);
    expect(journal.mayTry(newKey(), ['refused', 'unreachable'])).toBe(true);
    expect(journal.mayTry(newKey(), ['refused'])).toBe(false);
  });

  test('a journal does not let a host try while another attempt has no outcome', async () => {
    const call = await permittedCall(kit, await kit.order(), NOW_MS);
    expect(isJournaledCall(journal.begin(call, NOTES))).toBe(true);
    expect(isJournaledCall(call)).toBe(false);
    expect(journal.mayTry({ ...call.order.key, attempt: 2 }, ['unreachable', 'unknown', 'refused'])).toBe(
      false,
    );
    expect(journal.interrupted()).toMatchObject([
      {
        seenMs: 5,
        startedAtMs: NOW_MS,
        kernelRelease: '6.1.0',
        moduleDigest: 'M',
        requestId: call.order.request.id,
      },
    ]);
    expect(journal.seenMs).toBe(5);
  });

  test('a journal names the outcome of what ran before, as far as it knows it', async () => {
    const made = await kit.order();
    const call = await permittedCall(kit, made, NOW_MS);
    journal.begin(call, NOTES);
    const retry = { ...call.order.key, attempt: 2 };
    expect(() => journal.refuseIfRanBefore(retry)).toThrow(
      'attempt 1 of this request ran here, or may have (outcome: not known yet)',
    );
    journal.record(outcomeRecord(call.order.key, 'timed-out'));
    expect(() => journal.refuseIfRanBefore(retry)).toThrow(/\(outcome: timed-out\)$/);
    expect(() => journal.refuseIfRanBefore(call.order.key)).not.toThrow();
  });

  test('a journal forgets by the expiry and restarts by the making of a request, to the millisecond', () => {
    const lifetime = { id: 'r', createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 1000 };
    journal.restart(NOW_MS - 1);
    expect(() => journal.refuseIfForgotten(lifetime)).not.toThrow();
    journal.restart(NOW_MS);
    expect(() => journal.refuseIfForgotten(lifetime)).toThrow(
      expect.objectContaining({ code: 'OUTCOME_UNKNOWN' }),
    );
    const { sequence } = journal.position;
    journal.restart(NOW_MS);
    journal.restart(NOW_MS - 5);
    expect(journal.position.sequence).toBe(sequence);
    expect(() => again().refuseIfForgotten(lifetime)).toThrow(
      expect.objectContaining({ code: 'OUTCOME_UNKNOWN' }),
    );
    expect(() => journal.refuseIfForgotten({ ...lifetime, createdAtMs: NOW_MS + 1 })).not.toThrow();
  });

  test('a journal keeps a result in memory that the disk did not take', () => {
    const record = outcomeRecord(newKey(), 'returned');
    journal.keepUnwritten(record);
    const digest = digestText(record.resultDigest);
    expect(journal.pending()).toMatchObject([{ resultDigest: digest, outcome: 'returned' }]);
    expect(journal.readResult(digest)).toEqual(record.envelope);
    expect(journal.readResult('unknown')).toBeUndefined();
    journal.commit(digest, NOW_MS);
    expect(journal.pending()).toEqual([]);
    expect(again().pending()).toEqual([]);
  });

  test('a journal takes a result as committed once', () => {
    const record = outcomeRecord(newKey(), 'returned');
    journal.record(record);
    const digest = digestText(record.resultDigest);
    journal.commit(digest, NOW_MS);
    const { sizeBytes } = journal;
    journal.commit(digest, NOW_MS);
    journal.commit('unknown', NOW_MS);
    expect(journal.sizeBytes).toBe(sizeBytes);
  });

  test('a journal counts what was refused for want of approvals', () => {
    journal.record({ ...outcomeRecord(newKey(), 'refused'), unapproved: true });
    journal.record(outcomeRecord(newKey(), 'refused'));
    expect(journal.unapproved).toBe(1);
    expect(again().unapproved).toBe(1);
  });

  test('a journal counts only what is on the disk in its position', () => {
    const before = journal.position;
    const record = outcomeRecord(newKey(), 'returned');
    journal.record(record);
    expect(journal.position.sequence).toBe(before.sequence + 1);
    expect(journal.position.head).not.toEqual(before.head);
    const { position } = journal;
    journal.commit(digestText(record.resultDigest), NOW_MS);
    expect(journal.position).toEqual(position);
    expect(again().position.sequence).toBe(position.sequence + 1);
  });

  test('a journal is compacted when it is large and half of it is of no use', () => {
    const open = outcomeRecord(newKey(), 'returned', { expiresAtMs: NOW_MS, length: 6000 });
    const done = outcomeRecord(newKey(), 'returned', { expiresAtMs: NOW_MS, length: 9000 });
    again(10_000);
    journal.record(done);
    const { sizeBytes } = journal;
    journal.commit(digestText(done.resultDigest), NOW_MS);
    expect(journal.sizeBytes).toBeGreaterThan(sizeBytes);
    journal.record(open);
    journal.record({ ...open, ...newRecord() });
    journal.compactIfDue(NOW_MS);
    expect(journal.sizeBytes).toBeGreaterThan(sizeBytes + 12_000);
    for (const { resultDigest } of journal.pending()) journal.commit(resultDigest, NOW_MS);
    expect(journal.sizeBytes).toBeLessThan(10_000);
    expect(existsSync(join(directory, `${JOURNAL_FILE}.new`))).toBe(false);
  });

  function newRecord() {
    return outcomeRecord(newKey(), 'faulted', { expiresAtMs: NOW_MS, length: 6000 });
  }

  test('a journal that is closed takes no call, and says so before', async () => {
    const call = await permittedCall(kit, await kit.order(), NOW_MS);
    expect(() => journal.checkWritable()).not.toThrow();
    journal.close();
    expect(() => journal.checkWritable()).toThrow(expect.objectContaining({ code: 'JOURNAL_FAILED' }));
    expect(() => journal.begin(call, NOTES)).toThrow(expect.objectContaining({ code: 'JOURNAL_FAILED' }));
    expect(journal.knows(call.order.key)).toBe(false);
  });

  test('a journal knows an abort at once, once, and after a start', async () => {
    const made = await kit.order();
    const exp = Math.ceil(made.request.expiresAtMs / 1000);
    const trust = {
      ...{ bundle: kit.bundle, host: 'web-01', labels: { env: 'test' }, facts: selectableFacts },
      ...{ statements: { confirmedAtMs: 0 }, nowMs: NOW_MS },
    };
    const envelope = await kit.abort('bob', made.requestBytes, { exp });
    const abort = await authenticateAbort(envelope, trust);
    const key = { requestDigest: made.requestDigest, attempt: 1 };
    expect(() => journal.refuseIfAborted(key)).not.toThrow();
    expect(() => journal.abort({ ...abort } as never)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect([journal.abort(abort), journal.abort(abort)]).toEqual([true, false]);
    const call = await permittedCall(kit, made, NOW_MS);
    for (const each of [journal, again()]) {
      expect(() => each.refuseIfAborted(key)).toThrow('the request was aborted by bob: it hangs');
      expect(() => each.begin(call, NOTES)).toThrow(expect.objectContaining({ code: 'ABORTED' }));
      expect(() => each.refuseIfAborted(newKey())).not.toThrow();
    }
  });
});
