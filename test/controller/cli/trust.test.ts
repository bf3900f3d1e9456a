import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyNew } from '../../../controller/cli/commands/key.ts';
import { type TrustInitOptions, trustInit } from '../../../controller/cli/commands/trust.ts';
import { publicJwkSchema, readKeyFile } from '../../../shared/tokens/index.ts';
import { readTrustBundle } from '../../../shared/trust/index.ts';
import { codeOf, START_MS, testClock } from '../../kit/controller-kit.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';

describe('keys and trust', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const context = () => ({ terminal: testTerminal(), clock: testClock(), env: {} });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-trust-'));
    for (const name of ['ctl', 'alice', 'bob', 'carol']) {
      const made = context();
      await keyNew(made, { name, out: at(`${name}.key`) });
      writeFileSync(at(`${name}.pub`), made.terminal.stdout.join('\n'));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const options = (overrides: Partial<TrustInitOptions> = {}): TrustInitOptions => ({
    controller: [`ctl=${at('ctl.pub')}`],
    requester: [`alice=${at('alice.pub')}`],
    approver: [`bob=${at('bob.pub')}`, `carol=${at('carol.pub')}`],
    threshold: '2',
    expires: '365d',
    out: at('trust.json'),
    ...overrides,
  });

  it('a key is for its owner only, its public half on stdout', () => {
    expect(statSync(at('alice.key')).mode & 0o777).toBe(0o600);
    const publicJwk = publicJwkSchema.parse(JSON.parse(readFileSync(at('alice.pub'), 'utf8')));
    expect(readKeyFile(at('alice.key')).publicJwk).toEqual(publicJwk);
  });

  it('a key file is never overwritten', async () => {
    expect(await codeOf(keyNew(context(), { name: 'alice', out: at('alice.key') }))).toBe('FILE_UNREADABLE');
  });

  it('a bundle is what shared/trust reads', async () => {
    expect(await trustInit(context(), options())).toBe(0);
    const bundle = readTrustBundle(at('trust.json'));
    expect(bundle).toMatchObject({
      version: 1,
      expiresAtMs: START_MS + 365 * 24 * 3_600_000,
      thresholds: { standard: { read: 2, call: 2, write: 2 } },
    });
    expect(bundle.approvers.map(({ name }) => name)).toEqual(['bob', 'carol']);
    expect(await codeOf(trustInit(context(), options()))).toBe('FILE_UNREADABLE');
  });

  it('a name that stands twice has two keys', async () => {
    const approver = [`bob=${at('bob.pub')}`, `bob=${at('carol.pub')}`];
    await trustInit(context(), options({ approver, threshold: '1', out: at('two-keys.json') }));
    expect(readTrustBundle(at('two-keys.json')).approvers[0]?.keys).toHaveLength(2);
  });

  const wrong = (): readonly [string, Partial<TrustInitOptions>, string][] => [
    ['a threshold of 0', { threshold: '0' }, 'is not a number from 1 on'],
    ['a threshold that is no number', { threshold: 'two' }, 'is not a number from 1 on'],
    ['a threshold that nobody reaches', { threshold: '3' }, 'can never be reached with 2 approvers'],
    ['a member without a file', { requester: ['alice'] }, 'is not NAME=PUBLIC_JWK_FILE'],
    ['a name that is none', { requester: [`Alice=${at('alice.pub')}`] }, 'requesters.0.name'],
    ['one key for two', { approver: [`bob=${at('bob.pub')}`, `eve=${at('bob.pub')}`] }, 'have the same key'],
    ['one key for a requester and an approver', { requester: [`eve=${at('bob.pub')}`] }, 'have the same key'],
    ['a private key', { requester: [`alice=${at('alice.key')}`] }, 'is not a public Ed25519 JWK'],
    ['a duration that is none', { expires: '1y' }, "'1y' is not a duration"],
  ];
  it('a bundle is refused for what would not work', async () => {
    for (const [name, overrides, message] of wrong()) {
      const made = trustInit(context(), options({ out: at('wrong.json'), ...overrides }));
      await expect(made, name).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(message),
      });
    }
  });
});
