import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newModuleKey } from '../../../controller/site/index.ts';
import { newStoreSecret } from '../../../controller/store/index.ts';
import { SITE } from '../../kit/cast.ts';
import { type ControllerFixture, run } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

describe('the command line', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let host: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    ({ controller } = fleet);
    host = fleet.host('demo-1');
  });

  afterAll(() => fleet?.stop());

  const request = ['request', 'f()', '--hosts', 'env=demo', '--reason', 'why'];
  const messages: readonly [readonly string[], number, string][] = [
    [
      ['request', 'f()', '--hosts', 'env=none', '--reason', 'r'],
      4,
      "farcall: no host matches 'env=none'; the labels are env=demo, host=demo-1 [NOT_FOUND]\n",
    ],
    [
      ['request', 'f()', '--hosts', 'kernel', '--reason', 'r'],
      2,
      "farcall: selector 'kernel', column 1: kernel is a fact of every host; write kernel=value [SELECTOR_INVALID]\n",
    ],
    [
      ['request', 'f()', '--hosts', '*', '--reason', ' '],
      2,
      'farcall: --reason: say why, for the approvers [CONFIG_INVALID]\n',
    ],
    [
      ['request', '--hosts', '*', '--reason', 'r'],
      2,
      'farcall: give the program once: as the argument, as - for stdin, or with --file [CONFIG_INVALID]\n',
    ],
    [
      ['request', 'f()', '--file', 'x', '--hosts', '*', '--reason', 'r'],
      2,
      'farcall: give the program once: as the argument, as - for stdin, or with --file [CONFIG_INVALID]\n',
    ],
    [
      ['request', '--file', 'none.c', '--hosts', '*', '--reason', 'r'],
      2,
      'farcall: --file: none.c cannot be read [FILE_UNREADABLE]\n',
    ],
    [[...request, '--expires', '30d'], 2, 'farcall: --expires: at most seven days [CONFIG_INVALID]\n'],
    [
      [...request, '--timeout', 'soon'],
      2,
      "farcall: --timeout: 'soon' is not a duration; write 30s, 10m, 1h or 7d [CONFIG_INVALID]\n",
    ],
    [
      [...request, '--policy', 'emergency'],
      4,
      'farcall: the trust bundle has no thresholds for the policy emergency [TRUST_INVALID]\n',
    ],
    [
      ['approve', 'nothing1', '--yes'],
      2,
      'farcall: --yes approves without a review: add --digest, which farcall request and farcall approve print [CONFIG_INVALID]\n',
    ],
    [
      ['approve', 'nothing1'],
      4,
      'farcall: no request has the id nothing1; farcall requests lists them [NOT_FOUND]\n',
    ],
    [
      ['watch', 'NO!'],
      2,
      "farcall: 'NO!' is not a request id, which is 4 to 32 of a-z and 0-9, or its first letters; farcall requests lists them [CONFIG_INVALID]\n",
    ],
    [
      ['hosts', 'x y'],
      2,
      "farcall: selector 'x y', column 3: expected , (and), | (or) or the end here; label values have letters, digits and _ . : + - [SELECTOR_INVALID]\n",
    ],
    [
      ['hosts', '--config', 'none.json'],
      2,
      'farcall: the configuration none.json cannot be read [CONFIG_INVALID]\n',
    ],
  ];
  it.each(messages)('farcall %j ends with %i and says why', async (args, code, stderr) => {
    expect(await controller.farcallHere('alice', args)).toEqual({ code, stdout: '', stderr });
  });

  it('an approver without the role of a requester cannot make a request', async () => {
    expect(await controller.farcallHere('bob', request)).toEqual({
      code: 4,
      stdout: '',
      stderr:
        'farcall: bob may not do this: it takes the role requester in the trust bundle [FORBIDDEN]\n' +
        '  farcall trust show lists what bob may do; only the roots can change that\n',
    });
  });

  it('a person who is not in the trust bundle gets the reason and a hint', async () => {
    const { code, stderr } = await controller.farcallHere('mallory', ['requests']);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /\[TOKEN_KEY_UNKNOWN\]\n {2}\/\S+mallory\.key \(key id \S+\) is not a key of mallory in/,
    );
    expect(stderr).toContain('farcall trust show lists everyone and their keys');
  });

  it('if the controller does not answer, hints say what to check', async () => {
    const nobody = await controller.farcallHere('alice', ['requests'], {}, '127.0.0.1:1');
    expect(nobody).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('no controller answers at 127.0.0.1:1'),
    });
    expect(nobody.stderr).toContain('\n  nothing listens there; check that farcall-controller runs');
    expect(nobody.stderr).toContain('\n  farcall context show prints the address');
    const other = { ...controller.env('alice'), FARCALL_CA_FILE: join(controller.folder, 'other-ca.pem') };
    writeFileSync(other.FARCALL_CA_FILE, (await newModuleKey('other', Date.now())).certificate);
    const { code, stderr } = await run('farcall', ['requests'], { env: other });
    expect(code).toBe(5);
    expect(stderr).toMatch(
      / {2}the server at \S+ has no certificate for this address by an authority in \S+other-ca\.pem: /,
    );
  });

  it('without a terminal approve shows the request and signs nothing', async () => {
    const { id } = await controller.farcallJson('alice', ...request);
    const { code, stdout, stderr } = await controller.farcall('bob', 'approve', id);
    expect(code).toBe(2);
    expect(stdout).toContain('  1 | f()');
    expect(stderr).toBe(
      'farcall: there is no terminal to ask on; --yes goes on without a question (approve also needs --digest) [CONFIG_INVALID]\n',
    );
  });

  it('approve asks, and signs only after a yes', async () => {
    const { id, digest } = await controller.farcallJson('alice', ...request);
    const asked: string[] = [];
    const saying = (answer: string) => ({
      canAsk: true,
      ask: async (question: string) => {
        asked.push(question);
        return answer;
      },
    });
    for (const no of ['', 'n', 'yesterday']) {
      expect(await controller.farcallHere('bob', ['approve', id], saying(no))).toMatchObject({
        code: 6,
        stderr: 'Not approved.\n',
      });
    }
    expect(asked[0]).toBe(
      `Approve exactly this, sha256:${digest} at site ${controller.site.slice(0, 12)}? [y/N] `,
    );
    expect(await controller.farcallHere('bob', ['approve', id], saying('y'))).toMatchObject({ code: 0 });
  });

  it('watch draws a live table on a terminal, no wider than it', async () => {
    const id = await controller.approved(...request.slice(1));
    const drawn: string[] = [];
    const terminal = {
      isInteractive: true,
      columns: 40,
      rows: 24,
      write: (text: string) => void drawn.push(text),
    };
    const watching = controller.farcallHere('alice', ['watch', id], terminal);
    await host.answer(await host.nextOrder());
    const { code, stdout } = await watching;
    expect(code).toBe(0);
    expect(stdout).toContain('demo-1: farcall: ran 3 bytes');
    const lines = drawn.flatMap(text => text.split('\n'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of the live table
    const shown = lines.map(line => line.replace(/\u001b\[\??\d*[A-Za-z]/g, ''));
    for (const line of shown) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('the program of a request can come from a file or from stdin', async () => {
    const file = join(controller.folder, 'program.c');
    writeFileSync(file, 'from_file()\n');
    const fromFile = await controller.farcallJson(
      'alice',
      'request',
      '--file',
      file,
      '--hosts',
      '*',
      '--reason',
      'r',
    );
    expect(fromFile.program).toBe('from_file()\n');
    const env = controller.env('alice');
    const args = ['request', '-', '--hosts', '*', '--reason', 'r', '--json'];
    const fromStdin = await run('farcall', args, { env, stdin: 'from_stdin()' });
    expect(JSON.parse(fromStdin.stdout).program).toBe('from_stdin()');
  });

  it('farcall request prints the next commands', async () => {
    const { code, stdout } = await controller.farcall('alice', ...request);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Plan \w+ for 1 host; 1 of 1 asked hosts answered; nothing was run\n[\s\S]+\n\nRequest (\w+) for 1 host\n {2}digest {2}sha256:[0-9a-f]{64}\n {2}effect {2}call\n {2}next {4}2 approvers run: farcall approve \1\n {2}then {4}farcall watch \1\n$/,
    );
  });

  it('requests and hosts are tables, without colours in a pipe', async () => {
    const requests = await controller.farcall('alice', 'requests', '--limit', '1');
    expect(requests.stdout).toMatch(
      /^ID +STATE +BY +MADE +HOSTS +OUTCOMES +REASON\n\w{12} +pending +alice .* why\n$/,
    );
    const hosts = await controller.farcall('alice', 'hosts');
    expect(hosts.stdout).toMatch(/^HOST +KERNEL .*\ndemo-1 +6\.12\.48\+deb13-amd64 +x86_64 .* env=demo\n$/);
    expect(requests.stdout + hosts.stdout).not.toContain('\u001b');
  });

  it('a key that others can read is not used', async () => {
    const key = join(controller.folder, 'carol.key');
    chmodSync(key, 0o640);
    expect(await controller.farcall('carol', 'requests')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is open to others; chmod 600 it, or replace it \[FILE_UNREADABLE\]/),
    });
    chmodSync(key, 0o600);
  });

  it.each([['--help'], ['request', '--help'], ['approve', '--help'], ['trust', 'init', '--help']])(
    'the help of farcall %s %s has a usage line and an example',
    async (...args) => {
      const { code, stdout } = await controller.farcallHere('alice', args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/Usage: farcall/);
      expect(stdout).toMatch(/Example|A first call/);
    },
  );

  it.each([[['frobnicate']], [['approve']], [['request', 'f()']], [[...request, '--effect', 'maybe']]])(
    'farcall %j is a usage error',
    async args => {
      const { code, stderr } = await controller.farcallHere('alice', args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: /);
    },
  );

  it('only its owner can read the store', () => {
    expect(statSync(join(controller.folder, 'farcall.db')).mode & 0o777).toBe(0o600);
  });
});

describe('the controller refuses to start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-config-'));
  const config = join(folder, 'controller.json');
  const good = {
    name: 'ctl-1',
    key: 'ctl-1.key',
    rootsFile: 'roots.json',
    storeFile: 'farcall.db',
    storeKeyFile: 'store.key',
    listen: '127.0.0.1:0',
    nats: { servers: ['nats://127.0.0.1:1'] },
  };

  beforeAll(async () => {
    const { stdout } = await run(
      'farcall',
      ['key', 'new', '--name', 'ctl-1', '--out', join(folder, 'ctl-1.key')],
      {},
    );
    const members = [{ name: 'rob', keys: [JSON.parse(stdout)] }];
    writeFileSync(join(folder, 'roots.json'), JSON.stringify({ site: SITE, threshold: 1, members }));
    writeFileSync(join(folder, 'no-roots.json'), JSON.stringify({ site: SITE, threshold: 2, members }));
    writeFileSync(join(folder, 'store.key'), newStoreSecret(), { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = (content: object | string) => {
    writeFileSync(config, typeof content === 'string' ? content : JSON.stringify(content));
    return run('farcall-controller', ['run', '--config', config], {});
  };

  const wrong: readonly [string, object | string, string][] = [
    ['not JSON', '{', 'not JSON'],
    ['an unknown member', { ...good, ssl: true }, 'Unrecognized key: "ssl"'],
    ['an address of the network', { ...good, listen: '0.0.0.0:7440' }, 'and that takes TLS'],
    ['no key', { ...good, key: 'none.key' }, 'cannot be read'],
    ['no store key', { ...good, storeKeyFile: 'none.key' }, 'cannot be read'],
    ['no roots', { ...good, rootsFile: 'none.json' }, 'cannot be read'],
    [
      'roots that can never reach the threshold',
      { ...good, rootsFile: 'no-roots.json' },
      'can never be reached with 1 roots',
    ],
  ];
  it.each(wrong)(
    'the controller does not start because of %s, and says so',
    async (_name, content, message) => {
      const { code, stderr } = await start(content);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
      expect(stderr).toMatch(/^farcall-controller: .* \[[A-Z_]+\]$/m);
    },
  );

  it('the controller does not start without a configuration or with an unknown command', async () => {
    expect(await run('farcall-controller', ['run'], {})).toMatchObject({ code: 2 });
    expect(await run('farcall-controller', ['fly'], {})).toMatchObject({ code: 2 });
    expect(await run('farcall-controller', ['--help'], {})).toMatchObject({ code: 0 });
  });
});
