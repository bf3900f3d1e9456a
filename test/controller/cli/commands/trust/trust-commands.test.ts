import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../controller/cli/run-cli.ts';
import type { Terminal } from '../../../../../controller/cli/session/index.ts';
import { keyId, publicJwkSchema, readKeyFile } from '../../../../../shared/tokens/index.ts';
import { readBundleFile, readRootsFile, reopenBundle } from '../../../../../shared/trust/index.ts';
import { START_MS } from '../../../../kit/cast.ts';
import { testClock } from '../../../../kit/controller-kit.ts';
import { testTerminal } from '../../../../kit/terminal-kit.ts';

const PEOPLE = ['ctl-1', 'alice', 'bob', 'carol', 'dave', 'rob', 'rose', 'ruth', 'eve'];

describe('farcall trust, without a controller', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const farcall = async (args: readonly string[], overrides: Partial<Terminal> = {}) => {
    const terminal = testTerminal(overrides);
    const code = await runCli(args, { terminal, clock: testClock(), env: {} });
    return { code, stdout: terminal.stdout.join('\n'), stderr: terminal.stderr.join('\n') };
  };
  const member = (option: string, name: string, key = name): string[] => [
    `--${option}`,
    `${name}=${at(`${key}.pub`)}`,
  ];
  const ROLES = () => [
    ...member('root', 'rob'),
    ...member('root', 'rose'),
    ...member('controller', 'ctl-1'),
    ...member('requester', 'alice'),
    ...member('approver', 'bob'),
    ...member('approver', 'carol'),
  ];
  const init = (...more: string[]) =>
    farcall(['trust', 'init', ...ROLES(), '--root-threshold', '2', '--threshold', '2', ...more]);
  const digestOf = async (file: string): Promise<string> =>
    JSON.parse((await farcall(['trust', 'show', file, '--json'])).stdout).digest;
  const sign = async (file: string, root: string, ...more: string[]) =>
    farcall(['trust', 'sign', file, '--key', at(`${root}.key`), '--yes', await digestOf(file), ...more]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-trust-'));
    for (const name of PEOPLE) {
      const { stdout } = await farcall(['key', 'new', '--name', name, '--out', at(`${name}.key`)]);
      writeFileSync(at(`${name}.pub`), stdout);
    }
    await init('--out', at('first.json'));
    await sign(at('first.json'), 'rob');
    await sign(at('first.json'), 'rose');
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    for (const name of ['draft.json', 'next.json']) rmSync(at(name), { force: true });
  });

  it('a new key file is private and never overwritten, and the public key is on stdout', async () => {
    expect(statSync(at('alice.key')).mode & 0o777).toBe(0o600);
    const publicJwk = publicJwkSchema.parse(JSON.parse(readFileSync(at('alice.pub'), 'utf8')));
    expect(readKeyFile(at('alice.key')).publicJwk).toEqual(publicJwk);
    const neither = await farcall(['key', 'new', '--name', 'alice']);
    expect(neither).toMatchObject({ code: 2, stderr: expect.stringMatching(/either --out or --pkcs11/) });
    const again = await farcall(['key', 'new', '--name', 'alice', '--out', at('alice.key')]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('[FILE_UNREADABLE]') });
  });

  describe('init', () => {
    it('trust init writes an unsigned draft', async () => {
      expect(await init('--out', at('draft.json'))).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(
          /: 2 roots, 1 controller, 1 requester, 2 approvers; expires .*\n.*\n {2}next {3}2 roots run: farcall trust sign /,
        ),
      });
      const { bundle, signed } = readBundleFile(at('draft.json'));
      expect(signed.signatures).toEqual([]);
      expect(bundle).toMatchObject({
        version: 1,
        issuedAtMs: START_MS,
        expiresAtMs: START_MS + 365 * 24 * 3_600_000,
        roots: { threshold: 2, members: [{ name: 'rob' }, { name: 'rose' }] },
        thresholds: { standard: { read: 2, call: 2, write: 2 } },
      });
      expect(await init('--out', at('draft.json'))).toMatchObject({ code: 2 });
    });

    it('trust init accepts thresholds for policies and effects, and several keys of one person', async () => {
      const settings = ['--threshold', 'standard.read=0', '--threshold', 'emergency=1'];
      await init(...settings, ...member('approver', 'bob', 'dave'), '--out', at('draft.json'));
      const { bundle } = readBundleFile(at('draft.json'));
      expect(bundle.thresholds).toEqual({
        standard: { read: 0, call: 2, write: 2 },
        emergency: { read: 1, call: 1, write: 1 },
      });
      expect(bundle.approvers[0]?.keys).toHaveLength(2);
    });

    const wrong = (): readonly [string, readonly string[], string][] => [
      ['a threshold of 0', ['--threshold', '0'], 'is not a number from 1 to 99'],
      ['a threshold of writes of 0', ['--threshold', 'standard.write=0'], 'is not a number from 1 to 99'],
      ['a threshold that is not a number', ['--threshold', 'two'], 'is not a number from 1 to 99'],
      ['a threshold that nobody reaches', ['--threshold', '3'], 'can never be reached with 2 approvers'],
      ['an unknown policy', ['--threshold', 'lax=1'], "'lax' is not a policy"],
      [
        'an unknown effect',
        ['--threshold', 'standard.sing=1'],
        "'sing' is not one of read, watch, call, write",
      ],
      ['a root threshold of 0', ['--root-threshold', '0'], 'is not a number from 1 to 99'],
      ['too few roots', ['--root-threshold', '3'], '3 can never be reached with 2 roots'],
      ['a member without a file', ['--requester', 'alice'], 'is not NAME=PUBLIC_JWK_FILE'],
      ['an invalid name', ['--requester', `Alice=${at('alice.pub')}`], 'requesters.1.name'],
      ['one key for two', member('approver', 'eve', 'bob'), 'have the same key'],
      ['a root key that approves', member('approver', 'rob'), 'a root key may do nothing else'],
      ['a private key', ['--requester', `alice=${at('alice.key')}`], 'is not a public JWK'],
      ['an invalid duration', ['--expires', '1y'], "'1y' is not a duration"],
    ];
    it('trust init refuses an invalid bundle, and leaves no file', async () => {
      for (const [name, options, message] of wrong()) {
        const ended = await init(...options, '--out', at('draft.json'));
        expect(ended, name).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
        expect(() => statSync(at('draft.json')), name).toThrow();
      }
    });
  });

  describe('add and remove', () => {
    it('trust add makes the next version of a signed bundle in a new file', async () => {
      const add = ['trust', 'add', at('first.json'), ...member('approver', 'dave'), '--valid-until', '90d'];
      expect(await farcall(add)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('use --out FILE for version 2'),
      });
      expect(await farcall([...add, '--out', at('next.json')])).toMatchObject({ code: 0 });
      const { bundle, signed } = readBundleFile(at('next.json'));
      expect(bundle.version).toBe(2);
      expect(signed.signatures).toEqual([]);
      expect(bundle.approvers.map(({ name }) => name)).toEqual(['bob', 'carol', 'dave']);
      expect(bundle.approvers[2]?.keys[0]?.notAfterMs).toBe(START_MS + 90 * 24 * 3_600_000);
      expect(readBundleFile(at('first.json')).bundle.version).toBe(1);
    });

    it('trust add and trust remove change an unsigned draft in place', async () => {
      await init('--out', at('draft.json'));
      const kid = keyId(readKeyFile(at('bob.key')).publicJwk);
      await farcall(['trust', 'add', at('draft.json'), ...member('approver', 'bob', 'dave')]);
      await farcall(['trust', 'remove', at('draft.json'), '--approver', `bob=${kid}`]);
      const settings = ['--threshold', '1', '--expires', '30d', '--approver', 'carol'];
      await farcall(['trust', 'remove', at('draft.json'), ...settings]);
      const { bundle } = readBundleFile(at('draft.json'));
      expect(bundle).toMatchObject({ version: 1, expiresAtMs: START_MS + 30 * 24 * 3_600_000 });
      expect(bundle.approvers.map(({ name }) => name)).toEqual(['bob']);
      expect(bundle.approvers[0]?.keys.map(keyId)).toEqual([keyId(readKeyFile(at('dave.key')).publicJwk)]);
    });

    it('trust add and trust remove refuse an invalid bundle, and change nothing', async () => {
      await init('--out', at('draft.json'));
      const before = readFileSync(at('draft.json'), 'utf8');
      const wrong: readonly [readonly string[], string][] = [
        [['remove', '--approver', 'eve'], 'there is no eve in that role'],
        [['remove', '--approver', 'bob=abc'], 'there is no bob=abc in that role'],
        [['remove', '--approver', 'carol'], '2 can never be reached with 1 approvers'],
        [['remove', '--root', 'rob'], '2 can never be reached with 1 roots'],
        [['remove', '--policy', 'lax'], "'lax' is not a policy"],
        [['add', ...member('approver', 'eve'), '--valid-until', '2020-01-01T00:00'], 'is not a time'],
        [
          ['add', ...member('approver', 'eve'), '--valid-from', '2d', '--valid-until', '1d'],
          'ends before it begins',
        ],
      ];
      for (const [[verb = '', ...options], message] of wrong) {
        const ended = await farcall(['trust', verb, at('draft.json'), ...options]);
        expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
        expect(readFileSync(at('draft.json'), 'utf8')).toBe(before);
      }
    });
  });

  describe('sign', () => {
    it('signatures of both roots make a valid bundle', async () => {
      const { bundle, signers } = await reopenBundle(readBundleFile(at('first.json')).signed);
      expect(signers).toEqual(['rob', 'rose']);
      expect(bundle.version).toBe(1);
    });

    it('trust sign shows exactly the changes from your own copy', async () => {
      const kidOf = (name: string): string => keyId(readKeyFile(at(`${name}.key`)).publicJwk);
      await farcall([
        ...['trust', 'remove', at('first.json'), '--approver', 'carol', '--threshold', 'standard.read=1'],
        ...['--threshold', 'standard.call=1', '--threshold', 'standard.write=1', '--out', at('next.json')],
      ]);
      await farcall(['trust', 'add', at('next.json'), ...member('approver', 'dave')]);
      const signed = await sign(at('next.json'), 'rob', '--current', at('first.json'));
      expect(signed.stderr).toBe('');
      expect(signed.stdout.split('\n').filter(line => /^ {2}[-+~] /.test(line))).toEqual([
        `  - approver carol, key ${kidOf('carol')}: while the bundle is valid`,
        `  + approver dave, key ${kidOf('dave')}: while the bundle is valid`,
        '  ~ approvals for standard read: 2 is now 1',
        '  ~ approvals for standard watch: 2 (as a call) is now 1 (as a call)',
        '  ~ approvals for standard call: 2 is now 1',
        '  ~ approvals for standard write: 2 is now 1',
        '  ~ approvals for standard deny: 2 (as a write) is now 1 (as a write)',
      ]);
      expect(signed.stdout).toContain('signed by 1 of 2 roots (rob); 1 more of rose');
      expect(await farcall(['trust', 'sign', at('next.json'), '--key', at('rose.key')])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--current FILE is missing'),
      });
    });

    it('trust sign refuses a current bundle that is unsigned or not older', async () => {
      await farcall(['trust', 'add', at('first.json'), '--expires', '9d', '--out', at('next.json')]);
      await init('--out', at('draft.json'));
      const unsigned = await sign(at('next.json'), 'rob', '--current', at('draft.json'));
      expect(unsigned).toMatchObject({ code: 4, stderr: expect.stringContaining('[TRUST_SIGNATURES]') });
      copyFileSync(at('first.json'), at('copy.json'));
      const later = await sign(at('copy.json'), 'rob', '--current', at('first.json'));
      expect(later).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('which version 1 cannot follow'),
      });
    });

    it('trust sign signs only after a yes, and a script must name the digest', async () => {
      await init('--out', at('draft.json'));
      const asked: string[] = [];
      const saying = (answer: string) => ({
        canAsk: true,
        ask: async (question: string) => {
          asked.push(question);
          return answer;
        },
      });
      const args = ['trust', 'sign', at('draft.json'), '--key', at('rob.key')];
      expect(await farcall(args, saying('n'))).toMatchObject({ code: 6, stderr: 'Not signed.' });
      expect(asked).toEqual([`Sign exactly this, ${await digestOf(at('draft.json'))}? [y/N] `]);
      expect(await farcall(args)).toMatchObject({ code: 2 });
      const wrongDigest = await farcall([...args, '--yes', `sha256:${'0'.repeat(64)}`]);
      expect(wrongDigest).toMatchObject({ code: 2, stderr: expect.stringContaining('was expected') });
      expect(readBundleFile(at('draft.json')).signed.signatures).toEqual([]);
      expect(await farcall(args, saying('y'))).toMatchObject({ code: 0 });
      expect(readBundleFile(at('draft.json')).signed.signatures).toHaveLength(1);
    });

    it('trust sign accepts only keys of roots, and each root counts once', async () => {
      await init('--out', at('draft.json'));
      const stranger = await sign(at('draft.json'), 'bob');
      expect(stranger).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('does not belong to a root'),
      });
      await sign(at('draft.json'), 'rob');
      await sign(at('draft.json'), 'rob');
      expect(readBundleFile(at('draft.json')).signed.signatures).toHaveLength(1);
    });

    it('if the roots change, old and new roots sign the bundle', async () => {
      const change = [...member('root', 'ruth'), '--out', at('next.json')];
      await farcall(['trust', 'add', at('first.json'), ...change]);
      await farcall(['trust', 'remove', at('next.json'), '--root', 'rob']);
      const current = ['--current', at('first.json')];
      await sign(at('next.json'), 'ruth', ...current);
      const { stdout } = await sign(at('next.json'), 'rose', ...current);
      expect(stdout).toContain('signed by 2 of 2 roots (rose, ruth)');
      expect(stdout).toContain('signed by 1 of 2 roots of the version before (rose); 1 more of rob');
      const last = await sign(at('next.json'), 'rob', ...current);
      expect(last.stdout).toContain('signed by 2 of 2 roots of the version before (rob, rose)');
    });
  });

  describe('show', () => {
    it('trust show prints everyone, the thresholds, the validity and the signatures', async () => {
      const { stdout } = await farcall(['trust', 'show', at('first.json')]);
      expect(stdout).toContain('Trust bundle 1, valid for 365 days more');
      expect(stdout).toMatch(/^ {2}digest sha256:[0-9a-f]{64}$/m);
      expect(stdout).toMatch(/^ {2}controller ctl-1, key \S{43}: while the bundle is valid$/m);
      expect(stdout).toContain('approvals for standard write: 2');
      expect(stdout).toContain('signed by 2 of 2 roots (rob, rose)');
    });

    it('trust show prints the signatures that do not count', async () => {
      const file = JSON.parse(readFileSync(at('first.json'), 'utf8'));
      file.bundle.thresholds.standard.read = 1;
      writeFileSync(at('draft.json'), JSON.stringify(file));
      const { stdout } = await farcall(['trust', 'show', at('draft.json')]);
      expect(stdout).toContain('signed by 0 of 2 roots; 2 more of rob, rose');
      expect(stdout).toContain('not counted: rob: is for other bytes');
    });

    it('trust show --roots prints the roots for a roots file', async () => {
      const { stdout } = await farcall(['trust', 'show', at('first.json'), '--roots']);
      writeFileSync(at('roots.json'), stdout);
      const { site, roots } = readBundleFile(at('first.json')).bundle;
      expect(readRootsFile(at('roots.json'))).toEqual({ site, ...roots });
    });

    it('trust show refuses a file that is not a bundle', async () => {
      expect(await farcall(['trust', 'show', at('alice.pub')])).toMatchObject({
        code: 4,
        stderr: expect.stringContaining("unknown member 'kty' [TRUST_INVALID]"),
      });
    });
  });

  describe('team and scope', () => {
    const bundleIn = (file: string) => readBundleFile(at(file)).bundle;

    it('a team has members and seats, and goes with all that names it', async () => {
      await init('--out', at('draft.json'));
      const team = ['trust', 'team', at('draft.json'), 'db'];
      expect(
        await farcall([...team, '--member', 'bob', '--member', 'carol', '--seats', 'standard=1']),
      ).toMatchObject({
        code: 0,
      });
      await farcall([
        'trust',
        'scope',
        at('draft.json'),
        'team:db',
        '--may',
        'approve',
        '--hosts',
        'role=db',
      ]);
      expect(bundleIn('draft.json')).toMatchObject({
        teams: [{ name: 'db', members: ['bob', 'carol'] }],
        scopes: [{ may: 'approve', team: 'db', hosts: 'role=db' }],
        thresholds: { standard: { teams: { db: 1 } } },
      });
      const shown = (await farcall(['trust', 'show', at('draft.json')])).stdout;
      expect(shown).toContain('team db: bob, carol');
      expect(shown).toContain('team db may approve: hosts role=db');
      expect(shown).toContain('approvals for standard that must come from db: 1');
      expect(await farcall([...team, '--remove'])).toMatchObject({ code: 0 });
      const left = bundleIn('draft.json');
      expect([left.teams, left.scopes, left.thresholds.standard?.teams]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('a scope is refused if it limits nothing, or names something that no bundle has', async () => {
      await init('--out', at('draft.json'));
      const scope = (...more: string[]) =>
        farcall(['trust', 'scope', at('draft.json'), 'alice', '--may', 'request', ...more]);
      expect(await scope()).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('a scope needs a limit'),
      });
      expect(await scope('--effect', 'all')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("--effect: 'all' is not one of read, watch, call, write"),
      });
      expect(await scope('--hosts', 'kernel~6.1')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('a statement of the host itself'),
      });
      expect(await scope('--remove')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('no scope limits'),
      });
    });

    it('a person who is removed leaves their teams and scopes', async () => {
      await init('--out', at('draft.json'), ...member('approver', 'dave'));
      await farcall(['trust', 'team', at('draft.json'), 'db', '--member', 'bob', '--member', 'dave']);
      await farcall(['trust', 'scope', at('draft.json'), 'dave', '--may', 'approve', '--effect', 'read']);
      expect(await farcall(['trust', 'remove', at('draft.json'), '--approver', 'dave'])).toMatchObject({
        code: 0,
      });
      expect(bundleIn('draft.json')).toMatchObject({ teams: [{ name: 'db', members: ['bob'] }] });
      expect(bundleIn('draft.json').scopes).toBeUndefined();
    });
  });
});
