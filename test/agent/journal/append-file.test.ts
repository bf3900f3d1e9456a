import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppendFile } from '../../../agent/journal/append-file.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const FAILED = expect.objectContaining({ code: 'JOURNAL_FAILED' });

describe('an append-only file', () => {
  const newPath = (): string => join(temporaryDirectory(), 'file');

  test('an append-only file gives each piece its place, over a new start too', () => {
    const path = newPath();
    const file = AppendFile.open(path);
    expect(file.path).toBe(path);
    expect([file.append(bytes('one'), { sync: true }), file.append(bytes('three'), { sync: false })]).toEqual(
      [0, 3],
    );
    expect(file.sizeBytes).toBe(8);
    file.sync();
    file.close();
    const again = AppendFile.open(path);
    expect(again.sizeBytes).toBe(8);
    expect(again.append(bytes('!'), { sync: true })).toBe(8);
    expect(Buffer.from(again.readAll()).toString()).toBe('onethree!');
    expect(Buffer.from(again.read(3, 5)).toString()).toBe('three');
    expect(again.read(9, 0)).toHaveLength(0);
  });

  test('an append-only file is its owner’s alone, whatever it was before', () => {
    const path = newPath();
    writeFileSync(path, 'x', { mode: 0o644 });
    AppendFile.open(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('an append-only file cannot be opened where there is no folder, and the error says which', () => {
    const path = join(newPath(), 'below');
    expect(() => AppendFile.open(path)).toThrow(
      expect.objectContaining({
        ...{ code: 'JOURNAL_FAILED', cause: expect.objectContaining({ code: 'ENOENT' }) },
        message: expect.stringMatching(/^\/.*below cannot be opened: ENOENT/),
      }),
    );
  });

  test('an append-only file gives no bytes beyond its end', () => {
    const path = newPath();
    const file = AppendFile.open(path);
    file.append(bytes('12345'), { sync: true });
    expect(() => file.read(3, 3)).toThrow(/cannot be read: it ends before byte 6$/);
    truncateSync(path, 2);
    expect(() => file.read(0, 5)).toThrow(FAILED);
  });

  test('an append-only file is cut off where it is told to be, and goes on there', () => {
    const file = AppendFile.open(newPath());
    file.append(bytes('12345'), { sync: true });
    file.truncate(2);
    expect(file.sizeBytes).toBe(2);
    expect(file.append(bytes('x'), { sync: true })).toBe(2);
    expect(readFileSync(file.path, 'utf8')).toBe('12x');
  });

  test('an append-only file takes nothing once it is closed', () => {
    const file = AppendFile.open(newPath());
    file.checkUsable();
    file.close();
    expect(() => file.checkUsable()).toThrow(/failed before; repair it and restart the agent/);
    expect(() => file.append(bytes('x'), { sync: false })).toThrow(
      expect.objectContaining({
        ...{ code: 'JOURNAL_FAILED' },
        cause: expect.objectContaining({ message: 'it is closed' }),
      }),
    );
    expect(() => file.sync()).toThrow(FAILED);
    expect(() => file.truncate(0)).toThrow(FAILED);
  });

  test('an append-only file whose disk fails once takes nothing more, though the disk might', () => {
    const path = newPath();
    const file = AppendFile.open(path);
    file.append(bytes('one'), { sync: true });
    const other = AppendFile.open(path);
    other.close();
    expect(() => other.sync()).toThrow(/cannot be synced/);
    expect(() => other.append(bytes('x'), { sync: false })).toThrow(/failed before/);
    file.append(bytes('two'), { sync: true });
    expect(readFileSync(path, 'utf8')).toBe('onetwo');
  });

  test('an append-only file takes the place of another one, or stays where it is', () => {
    const [path, blocked] = [newPath(), newPath()];
    writeFileSync(path, 'old');
    const draft = AppendFile.open(`${path}.new`);
    draft.append(bytes('new'), { sync: true });
    mkdirSync(join(blocked, 'below'), { recursive: true });
    expect(() => draft.replace(blocked)).toThrow(/cannot be replaced/);
    expect(draft.path).toBe(`${path}.new`);
    draft.replace(path);
    expect(draft.path).toBe(path);
    expect(existsSync(`${path}.new`)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('new');
    draft.append(bytes('er'), { sync: true });
    expect(readFileSync(path, 'utf8')).toBe('newer');
  });
});
