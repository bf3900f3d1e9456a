import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../../controller/config/index.ts';
import { readConfigFile } from '../../../shared/config-file/index.ts';
import { merged } from '../../../shared/config-file/merge.ts';

describe('a configuration with drop-in files', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-config-'));
    file = join(folder, 'c.json');
    mkdirSync(`${file}.d`, { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (json: unknown) => writeFileSync(file, JSON.stringify(json));
  const drop = (name: string, json: unknown) =>
    writeFileSync(join(`${file}.d`, name), typeof json === 'string' ? json : JSON.stringify(json), {
      mode: 0o644,
    });
  const read = () => readConfigFile(file, 'FILE_UNREADABLE');

  it('drop-in files count in the order of their names, and objects are merged member by member', () => {
    write({ name: 'a', nats: { servers: ['x'], caFile: 'ca.pem' }, level: 1 });
    drop('20-b.json', { level: 3 });
    drop('10-a.json', { level: 2, nats: { servers: ['y', 'z'] } });
    drop('30.json.bak', { level: 9 });
    drop('.hidden.json', { level: 9 });
    expect(read().json).toEqual({ name: 'a', nats: { servers: ['y', 'z'], caFile: 'ca.pem' }, level: 3 });
  });

  it('a configuration without drop-in files is its own', () => {
    rmSync(`${file}.d`, { recursive: true });
    write({ name: 'a' });
    expect(read().json).toEqual({ name: 'a' });
  });

  it('a fault names the file in which the member stands', () => {
    write({ a: 1, nats: { servers: [] } });
    drop('10.json', { nats: { caFile: 3 } });
    const { originOf } = read();
    expect(originOf(['a'])).toBe(file);
    expect(originOf(['nats', 'servers', 0])).toBe(file);
    expect(originOf(['nats', 'caFile'])).toBe(join(`${file}.d`, '10.json'));
    expect(originOf([])).toBe(join(`${file}.d`, '10.json'));
  });

  it('a fault of a controller’s drop-in file is told with its name, and the others as well', () => {
    write({ name: 'CTL 1' });
    drop('10-log.json', { logLevel: 'loud' });
    expect(() => readConfig(file)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/c\.json: name: [\s\S]*10-log\.json: logLevel: /),
      }),
    );
    expect(() => parseConfig('{', 'x.json')).toThrow(/^x\.json: not JSON/);
  });

  it('a drop-in file that others can change is refused, and one that is no JSON is named', () => {
    write({ name: 'a' });
    drop('10.json', { level: 1 });
    chmodSync(join(`${file}.d`, '10.json'), 0o666);
    expect(read).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE', message: expect.stringContaining('10.json') }),
    );
    chmodSync(join(`${file}.d`, '10.json'), 0o644);
    chmodSync(`${file}.d`, 0o777);
    expect(read).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    chmodSync(`${file}.d`, 0o755);
    drop('10.json', '{ "level": ');
    expect(read).toThrow(/10\.json: not JSON/);
  });

  it('a merge never changes what it merges, and a later value counts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, later) => {
        const [one, other] = [structuredClone(before), structuredClone(later)];
        const both = merged(before, later);
        expect([before, later]).toEqual([one, other]);
        expect(merged(both, later)).toEqual(both);
      }),
    );
  });
});
