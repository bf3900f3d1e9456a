import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIdentity } from '../../../../controller/cli/session/index.ts';
import { SITE } from '../support/canned-answers.ts';

const OTHER_SITE = SITE.replace('Lab', 'Prd');

describe("an operator's identity", () => {
  let folder: string;
  const write = (name: string, content: object | string): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-identity-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const FULL = { controller: '127.0.0.1:7440', name: 'alice', site: SITE, key: 'alice.key' };

  it('the identity is read from the file, with a key path relative to the file', () => {
    const configFile = write('full.json', FULL);
    expect(readIdentity({ configFile, env: {} })).toEqual({ ...FULL, key: join(folder, 'alice.key') });
  });

  it('the file is found by FARCALL_CONFIG and in XDG_CONFIG_HOME', () => {
    const configFile = write('full.json', FULL);
    expect(readIdentity({ configFile: undefined, env: { FARCALL_CONFIG: configFile } }).name).toBe('alice');
    mkdirSync(join(folder, 'farcall'));
    write('farcall/config.json', { ...FULL, name: 'bob' });
    expect(readIdentity({ configFile: undefined, env: { XDG_CONFIG_HOME: folder } }).name).toBe('bob');
  });

  it('the environment overrides the file, or replaces it', () => {
    const configFile = write('full.json', FULL);
    const env = {
      ...{ FARCALL_NAME: 'carol', FARCALL_KEY: '/carol.key', FARCALL_CONTROLLER: 'unix:/x' },
      FARCALL_SITE: OTHER_SITE,
    };
    const whole = { controller: 'unix:/x', name: 'carol', site: OTHER_SITE, key: '/carol.key' };
    expect(readIdentity({ configFile, env })).toEqual(whole);
    expect(readIdentity({ configFile: undefined, env: { ...env, XDG_CONFIG_HOME: '/nowhere' } })).toEqual(
      whole,
    );
  });

  it.each([
    ['a file that is not there', undefined, 'cannot be read'],
    ['not JSON', '{', 'not JSON'],
    ['an unknown member', { ...FULL, port: 1 }, 'Unrecognized key: "port"'],
    ['a name that is not valid', { ...FULL, name: 'Alice B' }, 'name: a name is a-z'],
    ['no site', { controller: 'a', name: 'b', key: 'c' }, 'set FARCALL_SITE'],
    ['a site that is cut off', { ...FULL, site: SITE.slice(0, 12) }, 'site: a site is'],
    ['no name', { controller: 'a', key: 'b' }, 'set FARCALL_NAME'],
  ] as const)('an identity is refused because of %s', (_name, content, message) => {
    const configFile = content === undefined ? join(folder, 'none.json') : write('wrong.json', content);
    expect(() => readIdentity({ configFile, env: {} })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
