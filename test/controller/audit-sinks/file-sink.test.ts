import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fileSink } from '../../../controller/audit-sinks/file-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'farcall-sink-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (seq: number) => ({
  ...{ seq, atMs: seq, kind: 'plan-made', actor: 'alice', detail: '{}', hash: new Uint8Array(32) },
});
const path = join(folder, 'audit.log');
const seqs = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('{"seq"'))
    .map(line => JSON.parse(line).seq);

describe('the file that the audit log is streamed to', () => {
  beforeEach(() => rmSync(path, { force: true }));

  it('the file that the audit log is streamed to is its owner’s alone, and has a line for each entry', async () => {
    const sink = fileSink({ path, format: 'json' });
    expect(sink.settledSeq()).toBe(0);
    await sink.write([entry(1), entry(2)]);
    await sink.write([entry(3)]);
    expect(sink.settledSeq()).toBe(3);
    expect(seqs(path)).toEqual([1, 2, 3]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('the file that the audit log is streamed to may be renamed at any time', async () => {
    const sink = fileSink({ path, format: 'json' });
    await sink.write([entry(1)]);
    renameSync(path, `${path}.1`);
    await sink.write([entry(2)]);
    expect([seqs(`${path}.1`), seqs(path)]).toEqual([[1], [2]]);
  });

  it('the file that the audit log is streamed to keeps a torn line apart', async () => {
    appendFileSync(path, '{"seq":1,"at');
    await fileSink({ path, format: 'json' }).write([entry(1)]);
    expect(readFileSync(path, 'utf8')).toMatch(/^\{"seq":1,"at\n\{"seq":1,"atMs":1,.*\}\n$/);
  });

  it('the file that the audit log is streamed to, if its disk is full, settles nothing', async () => {
    const sink = fileSink({ path: '/dev/full', format: 'json' });
    await expect(sink.write([entry(1)])).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: '/dev/full cannot be written: ENOSPC',
    });
    expect(sink.settledSeq()).toBe(0);
  });

  it('the file that the audit log is streamed to, if it cannot be written, settles nothing', async () => {
    const sink = fileSink({ path: join(folder, 'nowhere', 'audit.log'), format: 'cef' });
    await expect(sink.write([entry(1)])).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('ENOENT'),
    });
    expect(sink.settledSeq()).toBe(0);
  });
});
