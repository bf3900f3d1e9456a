import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JOURNAL_FILE, type Journal, REMEMBER_MS, scanFrames } from '../../../agent/journal/index.ts';
import { runOrder } from '../../../agent/run-order/index.ts';
import { digestText } from '../../../shared/tokens/index.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { openJournal, outcomeRecord } from '../support/journal-kit.ts';
import { orderContext } from '../support/order-context.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const DAY_MS = 24 * 3_600_000;
const kit = orderKit(NOW_MS);

function newKey() {
  return { requestDigest: randomBytes(32), attempt: 1 };
}

const textOf = ({ position: { sequence, head } }: Journal): string =>
  `${sequence} ${Buffer.from(head).toString('hex')}`;

describe('what a journal has forgotten', () => {
  test('what a journal has forgotten does not run again when the clock is set back after the compaction that forgot it', async () => {
    const stateDirectory = temporaryDirectory();
    const host = orderContext(kit, NOW_MS, { stateDirectory });
    const { request, envelope } = await kit.order();
    await runOrder(envelope, host.agent);
    for (const { resultDigest } of host.journal.pending()) host.journal.commit(resultDigest, NOW_MS);
    host.journal.close();
    // The compaction comes later than the request can live, or the clock was ahead when it came.
    const compacting = openJournal(stateDirectory, 100);
    const filler = outcomeRecord(newKey(), 'returned', { expiresAtMs: NOW_MS + DAY_MS, length: 50_000 });
    compacting.record(filler);
    compacting.commit(digestText(filler.resultDigest), NOW_MS + REMEMBER_MS + 8 * DAY_MS);
    compacting.close();

    const later = orderContext(kit, NOW_MS, { stateDirectory });
    const again = await kit.order({ request, jti: 'order-again' });
    await runOrder(again.envelope, later.agent);
    expect(later.loaded).toEqual([]);
    expect(later.results()).toMatchObject([{ outcome: 'refused', error: { code: 'REQUEST_EXPIRED' } }]);
  });

  test('what a journal has forgotten is told from what expires later, which runs', () => {
    const directory = temporaryDirectory();
    const journal = openJournal(directory, 10_000);
    const expiresAtMs = NOW_MS - REMEMBER_MS - 1;
    const old = outcomeRecord(newKey(), 'returned', { expiresAtMs, length: 50_000 });
    journal.record(old);
    journal.commit(digestText(old.resultDigest), NOW_MS);
    const lifetime = { id: 'r', createdAtMs: 1, expiresAtMs };
    expect(() => journal.refuseIfForgotten(lifetime)).toThrow(/may have forgotten/);
    journal.refuseIfForgotten({ ...lifetime, expiresAtMs: expiresAtMs + 1 });
    journal.close();
    expect(() => openJournal(directory).refuseIfForgotten(lifetime)).toThrow(/may have forgotten/);
  });
});

test('a request from before a restart of the journal is unknown, and is not tried again', async () => {
  const host = orderContext(kit, NOW_MS);
  const { request, envelope } = await kit.order();
  host.journal.restart(NOW_MS + 1);
  await runOrder(envelope, host.agent);
  expect(host.loaded).toEqual([]);
  expect(host.results()).toMatchObject([{ outcome: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } }]);
  const retry = await kit.order({ request, attempt: 2, only: ['unknown', 'unreachable'] });
  await runOrder(retry.envelope, host.agent);
  expect(host.loaded).toEqual([]);
});

test('an order proves its time to the host, and the journal keeps that over a start', async () => {
  const stateDirectory = temporaryDirectory();
  const host = orderContext(kit, NOW_MS, { stateDirectory });
  await runOrder((await kit.order()).envelope, host.agent);
  expect(host.loaded).toHaveLength(1);
  host.journal.close();
  const { seenMs } = openJournal(stateDirectory);
  expect(Math.abs(seenMs - NOW_MS)).toBeLessThan(60_000);
});

type Step = 'record' | 'commit' | 'restart' | 'incarnate' | 'reopen' | 'compact';
const steps = fc.array(
  fc.constantFrom<Step>('record', 'commit', 'restart', 'incarnate', 'reopen', 'compact'),
  { maxLength: 30 },
);

test('whatever happens to a journal, its position and its watermarks only go forward', () => {
  fc.assert(
    fc.property(steps, script => {
      const directory = temporaryDirectory();
      let journal = openJournal(directory, 1 << 30);
      let times = 0;
      let before = journal.position.sequence;
      const step: Record<Step, () => void> = {
        record: () => journal.record(outcomeRecord(newKey(), 'returned', { expiresAtMs: ++times })),
        commit() {
          const [first] = journal.pending();
          if (first) journal.commit(first.resultDigest, NOW_MS);
        },
        restart: () => journal.restart(++times),
        incarnate: () => journal.incarnate(randomBytes(16).toString('base64url'), ++times),
        reopen() {
          const { sequence } = journal.position;
          journal.close();
          journal = openJournal(directory, 1 << 30);
          expect(journal.position.sequence).toBeGreaterThanOrEqual(sequence);
        },
        compact() {
          journal.close();
          journal = openJournal(directory, 1);
          const seen = journal.seenMs;
          const at = textOf(journal);
          journal.compactIfDue(NOW_MS);
          expect(textOf(journal)).toBe(at);
          journal.close();
          journal = openJournal(directory, 1 << 30);
          expect(textOf(journal)).toBe(at);
          expect(journal.seenMs).toBe(seen);
        },
      };
      for (const name of script) {
        step[name]();
        expect(journal.position.sequence).toBeGreaterThanOrEqual(before);
        before = journal.position.sequence;
      }
      journal.close();
    }),
    { numRuns: 60 },
  );
});

test('a power cut anywhere in the file leaves the position that a report had named, or a later one', () => {
  const directory = temporaryDirectory();
  const path = join(directory, JOURNAL_FILE);
  const journal = openJournal(directory);
  const reported: { readonly sizeBytes: number; readonly text: string; readonly sequence: number }[] = [];
  for (let round = 0; round < 6; round++) {
    if (round % 2 === 0) journal.incarnate(randomBytes(16).toString('base64url'), NOW_MS + round);
    else {
      const record = outcomeRecord(newKey(), 'returned');
      journal.record(record);
      // Not synced: what a power cut takes away here was never reported.
      journal.commit(digestText(record.resultDigest), NOW_MS);
    }
    const { sequence } = journal.position;
    const { frames, endOffset } = scanFrames(readFileSync(path));
    const lastBytes = frames.at(-1)!.sizeBytes;
    const sizeBytes = round % 2 === 0 ? endOffset : endOffset - lastBytes;
    reported.push({ sizeBytes, text: textOf(journal), sequence });
  }
  journal.close();
  for (let cut = reported[0]!.sizeBytes; cut <= statSync(path).size; cut += 7) {
    const copy = temporaryDirectory();
    copyFileSync(path, join(copy, JOURNAL_FILE));
    truncateSync(join(copy, JOURNAL_FILE), cut);
    const known = reported.filter(({ sizeBytes }) => sizeBytes <= cut).at(-1)!;
    const after = openJournal(copy);
    expect(after.position.sequence).toBeGreaterThanOrEqual(known.sequence);
    if (after.position.sequence === known.sequence) expect(textOf(after)).toBe(known.text);
    after.close();
  }
});

test('two machines with one copied journal have different heads as soon as either has connected', () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()];
  openJournal(one).close();
  copyFileSync(join(one, JOURNAL_FILE), join(other, JOURNAL_FILE));
  const [first, second] = [openJournal(one), openJournal(other)];
  expect(textOf(first)).toBe(textOf(second));
  first.incarnate(randomBytes(16).toString('base64url'), NOW_MS);
  second.incarnate(randomBytes(16).toString('base64url'), NOW_MS);
  expect(first.position.sequence).toBe(second.position.sequence);
  expect(textOf(first)).not.toBe(textOf(second));
});

test('the head of a journal covers every record in its order', () => {
  const directory = temporaryDirectory();
  const journal = openJournal(directory);
  let { head } = journal.position;
  journal.incarnate(randomBytes(16).toString('base64url'), NOW_MS);
  journal.restart(NOW_MS);
  const { frames } = scanFrames(readFileSync(join(directory, JOURNAL_FILE)));
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  for (const { payload } of frames.slice(2)) head = sha256(head, sha256(payload));
  expect(Buffer.from(journal.position.head)).toEqual(Buffer.from(head));
});
