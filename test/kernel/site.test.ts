import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorClient, readIdentity } from '../../controller/cli/session/index.ts';
import { type GuestHost, SEEN_BY_GUESTS, startGuestHost } from '../../deploy/demo/guest-host.ts';
import { hostsHeard } from '../../deploy/demo/hosts-heard.ts';
import { farcall, mustFarcall } from '../../deploy/demo/operator.ts';
import { type Site, startSite } from '../../deploy/demo/site.ts';
import { systemClock } from '../../shared/clock/index.ts';
import { parseEnrolmentToken } from '../../shared/enrolment/index.ts';
import { readKeyFile } from '../../shared/tokens/index.ts';
import { eventually } from '../kit/eventually.ts';

const HOST = 'vm-1';
/** Bit of the kernel's taint: it died in an oops (Documentation/admin-guide/tainted-kernels.rst). */
const DIE = 128;

/** A host's line of `farcall report --json`, as far as these tests look. */
interface HostReport {
  readonly host: string;
  readonly outcome: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints is the test's to know
  readonly result?: any;
  readonly lateResult?: object | null;
}

describe('a controller, a broker and the agent of a host with a real kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-site-'));
  let site: Site;
  let guest: GuestHost;
  let disk: string;

  beforeAll(async () => {
    site = await startSite({ folder, seenByHosts: SEEN_BY_GUESTS, controller: { hostSilenceMs: 2000 } });
    disk = join(folder, 'state.img');
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', disk, '64M']);
    // The host's keys will be in it.
    chmodSync(disk, 0o600);
    guest = await bootHost();
    await hostKnown();
  });

  afterAll(async () => {
    await guest?.machine.stop();
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The host with its disk: the second one finds what the first had written. */
  function bootHost(): Promise<GuestHost> {
    const policy = {
      effects: ['read', 'call', 'write'],
      functions: { allow: ['*'], deny: ['nr_context_switches'] },
    };
    return startGuestHost({ site, name: HOST, series: '6.12', labels: { env: 'test' }, disk, policy });
  }

  async function hostKnown(): Promise<void> {
    await eventually('the host is known', () => hostsHeard(folder).includes(HOST), { pauseMs: 500 });
  }

  async function agentLogged(text: string, from = 0): Promise<void> {
    const log = (): string => readFileSync(join(folder, `${HOST}.log`), 'utf8').slice(from);
    await eventually(`the agent logs ${text}`, () => log().includes(text), { pauseMs: 200 });
  }

  function logLength(): number {
    return readFileSync(join(folder, `${HOST}.log`), 'utf8').length;
  }

  /** Asks and approves; the order is out when this returns. */
  async function order(program: string, ...options: string[]): Promise<string> {
    const asked = [
      'request',
      program,
      '--hosts',
      'env=test',
      '--reason',
      'test',
      '--no-plan',
      '--yes',
      '--json',
    ];
    const request = [...asked, ...options];
    const { id, digest } = JSON.parse(await mustFarcall(request, { configFile: site.configOf('alice') }));
    for (const person of ['bob', 'carol'] as const) {
      const approve = ['approve', id, '--yes', '--digest', digest];
      await mustFarcall(approve, { configFile: site.configOf(person) });
    }
    return id;
  }

  async function report(id: string): Promise<HostReport> {
    const { stdout } = await farcall(['report', id, '--json'], { configFile: site.configOf('alice') });
    return JSON.parse(stdout).hosts[0];
  }

  /** Waits for the request to be over. */
  async function outcome(id: string): Promise<HostReport> {
    await farcall(['watch', id], { configFile: site.configOf('alice') });
    return report(id);
  }

  test('a call that two people approved returns its value and its log line', async () => {
    const host = await outcome(await order('_printk("Hello, world %d\\n", 1234)'));
    expect(host.outcome).toBe('returned');
    expect(host.result.value.text).toBe('(int)17');
    expect(host.result.kernelLog).toContain('Hello, world 1234');
  });

  test('the doctor finds a host with a real kernel fit, while its agent runs', async () => {
    const { exitCode, stdout } = await guest.runAgent(['doctor', '--json']);
    const findings: { check: string; verdict: string; text: string }[] = JSON.parse(stdout);
    expect(findings.filter(({ verdict }) => verdict === 'unfit')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['kernel', 'modules', 'agent', 'trust', 'login', 'broker']),
    );
    expect(findings.find(({ check }) => check === 'modules')!.text).toBe('this kernel takes modules');
    expect(exitCode).toBe(0);
  });

  test('a plan says what would be done, and does nothing; it tells neither memory nor addresses', async () => {
    const program =
      'extern int panic_timeout; panic_timeout = 7; _printk("planned %d\\n", panic_timeout); nr_context_switches()';
    const args = ['plan', program, '--hosts', 'kernel~6.12,arch=x86_64', '--effect', 'write', '--json'];
    // The policy of this host denies one of the functions.
    const { answers, kernels } = await answeredPlan(args, 3);
    expect(kernels).toMatchObject([
      { release: expect.stringMatching(/^6\.12\./), version: expect.stringMatching(/^#1 /), asked: [HOST] },
    ]);
    expect(answers).toMatchObject([
      {
        depth: 'compile',
        effect: 'write',
        refusals: [{ code: 'POLICY_REFUSED', message: expect.stringContaining('nr_context_switches') }],
        callees: [
          { prototype: 'int _printk(const char *fmt, ...)' },
          { name: 'nr_context_switches', prototype: 'unsigned long long nr_context_switches(void)' },
        ],
        steps: [
          { kind: 'write', text: '*(int *)&panic_timeout: ? → (int)7' },
          { kind: 'call', text: '_printk((const char *)"planned %d\\n", ?)' },
          { kind: 'call', text: 'nr_context_switches()' },
        ],
        ending: { kind: 'returned', text: '?' },
      },
    ]);
    expect(answers[0].module.sizeBytes).toBeGreaterThan(1000);
    expect(JSON.stringify(answers)).not.toMatch(/ffffffff|0x/);
    expect(await guest.machine.output(['busybox', 'dmesg'])).not.toContain('planned');
    const lacking = await answeredPlan(['plan', '_printkk("x")', '--hosts', `@${HOST}`, '--json'], 3);
    expect(lacking.answers[0].error).toMatchObject({
      outcome: 'not-applicable',
      code: 'SYMBOL_UNKNOWN',
      message: expect.stringContaining("did you mean '_printk'"),
    });
  });

  /** The plan that `args` print, asked for until the host has answered: it may be slow, or at work. */
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints is the test's to know
  async function answeredPlan(args: string[], wantedExit: number): Promise<any> {
    return await eventually('the host answers', async () => {
      const { exitCode, stdout } = await farcall(args, { configFile: site.configOf('alice') });
      expect(exitCode).toBe(wantedExit);
      const plan = JSON.parse(stdout);
      return plan.answers.length > 0 && plan;
    });
  }

  test('the controller knows what this kernel has, and checks programs by it; it is not told where anything lies', async () => {
    const configFile = site.configOf('alice');
    const known = async () =>
      JSON.parse((await farcall(['functions', 'wake_up_process', '--json'], { configFile })).stdout);
    const whenKnown = async () => {
      const list = await known();
      return list.kernels[0].known && list;
    };
    const list = await eventually('the kernel is known', whenKnown, { pauseMs: 500 });
    const prototype = 'int wake_up_process(struct task_struct *p)';
    expect(list.groups).toMatchObject([{ name: 'wake_up_process', prototype, module: '', note: '' }]);
    expect(list.kernels).toMatchObject([{ hosts: 1, sourceHost: HOST, functions: expect.any(Number) }]);
    const { stdout } = await farcall(['functions', 'wake_up_p*'], { configFile });
    expect(stdout).toContain(`all  ${prototype}`);
    const { controller: address, site: siteId, key, caFile } = readIdentity({ configFile, env: {} });
    const as = { name: 'alice', site: siteId, key: readKeyFile(key) };
    const client = operatorClient({ address, as, caFile, clock: systemClock });
    const { release, version, arch } = list.kernels[0];
    const kernel = { release, version, arch, hosts: 1 };
    const check = (program: string) => client.call('checkProgram', { program, kernel });
    expect(
      (await check('find_task(1)->comm[0] = 0; wake_up_proces(find_task(1))')).diagnostics,
    ).toMatchObject([{ line: 1, column: 28, endColumn: 42, code: 'SYMBOL_UNKNOWN' }]);
    const right = await check('wake_up_process(find_task(1))');
    expect(right).toMatchObject({ diagnostics: [], effect: 'call', resultType: 'int', callees: [prototype] });
    const typed = 'find_task(1)->mm->mmap_ba';
    const completion = { program: typed, offset: typed.length, kernel, limit: 3 };
    expect((await client.call('completeProgram', completion)).items).toContainEqual({
      ...{ label: 'mmap_base', kind: 'member', detail: 'unsigned long' },
    });
    client.close();
    expect(packedTypes(join(folder, 'farcall.db'))).not.toMatch(/ffffffff[89a-f][0-9a-f]{7}/);
  });

  /** Everything that the host said of its kernel, as text. */
  function packedTypes(path: string): string {
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare('select packed from kernel_types').get();
    database.close();
    return zstdDecompressSync(row?.['packed'] as Uint8Array).toString('latin1');
  }

  /** Makes a request by `farcall undo`, and approves it. */
  async function undo(id: string): Promise<HostReport> {
    const asked = ['undo', id, '--reason', 'take it back', '--no-plan', '--yes', '--json'];
    const { id: undoId, digest } = JSON.parse(
      await mustFarcall(asked, { configFile: site.configOf('alice') }),
    );
    for (const person of ['bob', 'carol'] as const)
      await mustFarcall(['approve', undoId, '--yes', '--digest', digest], {
        configFile: site.configOf(person),
      });
    return outcome(undoId);
  }

  const WRITE =
    'extern int panic_timeout, panic_on_oops; panic_timeout = 1234; panic_on_oops |= 0; panic_timeout';
  const setting = async (name: string) =>
    (await guest.machine.output(['cat', `/proc/sys/kernel/${name}`])).trim();
  let written: string;

  test('what a call wrote to the kernel is reported, and an undo puts it back, once and again', async () => {
    const before = await setting('panic');
    written = await order(WRITE);
    const { result } = await outcome(written);
    expect(result.writes).toMatchObject([
      { line: 1, symbol: 'panic_timeout', bytes: 4, before: `(int)${before}`, after: '(int)1234' },
      { line: 1, symbol: 'panic_on_oops' },
    ]);
    const byMember = ['report', written, '--writes', '--group-by', 'written,before,after', '--json'];
    const { rows } = JSON.parse((await farcall(byMember, { configFile: site.configOf('alice') })).stdout);
    expect(rows).toContainEqual(['panic_timeout', `(int)${before}`, '(int)1234', 1, 1]);
    expect(await setting('panic')).toBe('1234');
    const undone = await undo(written);
    expect([undone.outcome, undone.result.value.string]).toEqual(['returned', 'undone']);
    expect(await setting('panic')).toBe(before);
    const again = await undo(written);
    expect(again.result.value.string).toBe('undone');
    expect(
      again.result.rows.map(({ values }: { values: { string: string }[] }) => values[1]!.string),
    ).toContain('unchanged');
  });

  test('an undo leaves what somebody else has written to the kernel since', async () => {
    const set = (value: string) =>
      guest.machine.output(['sh', '-c', `echo ${value} > /proc/sys/kernel/panic`]);
    // A guest that panics must end, so its setting comes back.
    const before = await setting('panic');
    const id = await order('extern int panic_timeout; panic_timeout = 77;');
    await outcome(id);
    await set('55');
    expect((await undo(id)).result.value.string).toMatch(/^conflict/);
    expect(await setting('panic')).toBe('55');
    await set(before);
  });

  test('a plan of an undo says what would be put back', async () => {
    const id = await order('extern int panic_timeout; panic_timeout = 66;');
    await outcome(id);
    const plan = ['plan', `undo("${id}");`, '--hosts', 'env=test', '--json'];
    const { stdout } = await farcall(plan, { configFile: site.configOf('alice') });
    expect(stdout).toContain('"effect":"write"');
    expect((await undo(id)).result.value.string).toBe('undone');
  });

  test('a name that this kernel lacks is not-applicable, and nothing is done', async () => {
    const host = await outcome(await order('no_such_function()'));
    expect(host.outcome).toBe('not-applicable');
    expect(host.result.error.code).toBe('SYMBOL_UNKNOWN');
  });

  test('a call that is not back in time is timed-out with its kernel stack, and the next one works', async () => {
    const [id, host] = await lateInKernel();
    expect(host.result.error.message).toMatch(/still in the kernel; its rows are .* \(1\), and not all/);
    expect(host.result.rows).toMatchObject([{ values: [{ text: '(int)7' }, { text: '(char *)"before"' }] }]);
    expect((await outcome(await order('nr_processes()'))).outcome).toBe('returned');
    // Its outcome stays, and what came of it is said beside it.
    const late = await lateReport(id);
    expect(late.outcome).toBe('timed-out');
    expect(late.lateResult).toMatchObject({ outcome: 'returned', value: { text: '(int)42' } });
    const { stdout } = await farcall(['report', id], { configFile: site.configOf('alice') });
    expect(stdout).toMatch(/vm-1 .* timed-out +later returned \(int\)42/);
  });

  function lateReport(id: string): Promise<HostReport> {
    const whenLate = async (): Promise<HostReport | undefined> => {
      const host = await report(id);
      return host.lateResult ? host : undefined;
    };
    return eventually('a late result is reported', whenLate, { pauseMs: 500 });
  }

  /**
   * A call that is in the kernel when its time is over, and what its host said of it. A slow host may need
   * longer than that to load it: then the next call gets more time.
   */
  async function lateInKernel(): Promise<[string, HostReport]> {
    for (let seconds = 2; ; seconds *= 4) {
      const program = `report(7, "before"); (msleep(${4000 * seconds}), 42)`;
      const id = await order(program, '--timeout', `${seconds}s`);
      const host = await outcome(id);
      expect(host.outcome).toBe('timed-out');
      if (/stack: .*msleep/.test(host.result.kernelLog.join('\n'))) return [id, host];
      expect(seconds, 'the call is in the kernel').toBeLessThan(100);
    }
  }

  test('a call that oopses is faulted with the log of the oops; the agent lives on', async () => {
    const host = await outcome(await order('extern size_t strlen(const char *s); strlen((const char *)16)'));
    expect(host.outcome).toBe('faulted');
    expect(host.result.kernelLog.join('\n')).toMatch(/BUG: kernel NULL pointer dereference/);
    expect(host.result.error.message).toMatch(
      /module farcall_\w+ stays in the kernel as Loading until the next boot/,
    );
    const { bootId, taintBefore, taintAfter } = host.result.health;
    expect(bootId).toBe((await guest.machine.output(['cat', '/proc/sys/kernel/random/boot_id'])).trim());
    expect([taintBefore & DIE, taintAfter & DIE]).toEqual([0, DIE]);
    expect((await outcome(await order('nr_processes()'))).outcome).toBe('returned');
    // The next heartbeat tells of it too.
    const heartbeat = await heartbeatWith(({ oops }) => oops !== null);
    expect(heartbeat).toMatchObject({
      boot_id: bootId,
      oops: expect.stringContaining('BUG: kernel NULL pointer'),
    });
    expect(Number(heartbeat['taint']) & DIE).toBe(DIE);
  });

  test('a host says since when it carries the module of a call that oopsed, until it boots again', async () => {
    const modules = (await guest.machine.output(['cat', '/proc/modules'])).split('\n');
    const loading = modules.filter(line => / Loading /.test(line)).map(line => line.split(' ')[0]);
    expect(loading).toHaveLength(1);
    const left = await eventually('the host tells of the module', () => leftOn(HOST), { pauseMs: 500 });
    expect(left).toEqual([{ name: loading[0], sinceMs: expect.any(Number) }]);
    const { stdout } = await farcall(['hosts'], { configFile: site.configOf('alice') });
    expect(stdout).toMatch(/vm-1 .* 1 of ours left .* ago/);
    // A restart of the agent forgets neither the module nor since when it is there.
    await guest.killAgent();
    const from = logLength();
    await guest.startAgent();
    await agentLogged('the agent is connected', from);
    expect(await leftOn(HOST)).toEqual(left);
  });

  async function leftOn(name: string): Promise<readonly object[] | undefined> {
    const { stdout } = await farcall(['hosts', '--json'], { configFile: site.configOf('alice') });
    const hosts: { host: string; leftModules?: object[] }[] = JSON.parse(stdout);
    const left = hosts.find(({ host }) => host === name)?.leftModules ?? [];
    return left.length > 0 ? left : undefined;
  }

  async function heartbeatWith(
    wanted: (row: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    const database = new DatabaseSync(join(folder, 'farcall.db'), { readOnly: true });
    const whenSent = () => {
      const row = database.prepare('select * from host_heartbeats where host = ?').get(HOST);
      return row && wanted(row) ? row : undefined;
    };
    try {
      return await eventually('a heartbeat tells of it', whenSent, { pauseMs: 500 });
    } finally {
      database.close();
    }
  }

  test('an agent that is killed in the middle of a call reports it as unknown, and runs nothing again', async () => {
    const from = logLength();
    const id = await order('_printk("once %d\\n", (msleep(4000), 1))');
    await agentLogged('a call begins', from);
    await guest.killAgent();
    await guest.startAgent();
    const host = await outcome(id);
    expect(host.outcome).toBe('unknown');
    expect(host.result.error.code).toBe('OUTCOME_UNKNOWN');
    await sleep(5000);
    const log = await guest.machine.output(['busybox', 'dmesg']);
    expect(log.match(/once 1/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test('a broker that crashes and comes back loses no result', async () => {
    const from = logLength();
    const id = await order('(msleep(3000), nr_processes())');
    await agentLogged('a call begins', from);
    await site.restartBroker();
    expect((await outcome(id)).outcome).toBe('returned');
  });

  test('a controller that crashes and comes back loses no result', async () => {
    const from = logLength();
    const id = await order('(msleep(3000), nr_processes())');
    await agentLogged('a call begins', from);
    await site.restartController();
    expect((await outcome(id)).outcome).toBe('returned');
  });

  test('a call that panics the kernel is unknown after the reboot, and the next one works', async () => {
    const id = await order('panic("farcall test")');
    expect((await guest.machine.exited).how).toBe('panicked');
    expect((await report(id)).outcome).toBeNull();
    guest = await bootHost();
    const host = await outcome(id);
    expect(host.outcome).toBe('unknown');
    expect(host.result.error.code).toBe('OUTCOME_UNKNOWN');
    expect(guest.machine.console.text()).not.toContain('farcall test');
    expect((await outcome(await order('nr_processes()'))).outcome).toBe('returned');
    expect(await leftOn(HOST)).toBeUndefined();
  });

  test('a host that has started again since a call wrote has nothing to undo', async () => {
    expect((await undo(written)).result.value.string).toBe(
      'nothing to undo: this host has started again since',
    );
  });

  test('the agent has no more rights than its systemd unit leaves it', async () => {
    const pid = (await guest.machine.output(['pgrep', '-f', 'agent/main.* run --config'])).split('\n')[0];
    const status = await guest.machine.output(['cat', `/proc/${pid}/status`]);
    // CAP_SYS_MODULE 16, CAP_SYS_RAWIO 17, CAP_SYS_ADMIN 21, CAP_SYSLOG 34
    const rights = ((1n << 16n) | (1n << 17n) | (1n << 21n) | (1n << 34n)).toString(16).padStart(16, '0');
    for (const set of ['CapPrm', 'CapEff', 'CapBnd']) expect(status).toContain(`${set}:\t${rights}`);
    expect(status).toContain('NoNewPrivs:\t1');
  });

  test('nothing secret is in any log, and every file with a secret is its owner’s alone', async () => {
    const logs = ['nats.log', 'controller.log', `${HOST}.log`]
      .map(name => readFileSync(join(folder, name), 'utf8'))
      .join('');
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
    const inGuest = async (path: string): Promise<string> =>
      (await guest.machine.output(['cat', path])).trim();
    const token = parseEnrolmentToken(await inGuest('/etc/farcall/token'));
    const seeds = Object.values<string>(JSON.parse(read('offline/broker-seeds.json')));
    const keys = ['controller', 'alice', 'bob', 'carol'].map(name => JSON.parse(read(`${name}.key`)).d);
    const secrets = [
      Buffer.from(token.secret).toString('base64url'),
      await inGuest('/var/lib/farcall/broker.seed'),
      JSON.parse(await inGuest('/var/lib/farcall/host-key.json')).d,
      ...seeds,
      ...keys,
      ...['api-key.pem', 'nats/broker-key.pem', 'offline/ca-key.pem'].map(file => read(file).split('\n')[1]),
    ];
    expect(seeds.length).toBeGreaterThanOrEqual(3);
    expect(secrets).toHaveLength(10 + seeds.length);
    for (const secret of secrets) {
      expect(secret).toMatch(/^\S{30,}$/);
      expect(logs.includes(secret)).toBe(false);
    }
    expect(logs).not.toContain('farcall-enrolment.');
    const open = ['find', '/etc/farcall', '/var/lib/farcall', '-type', 'f', '-perm', '/077'];
    expect(await inGuestLines(open)).toEqual([]);
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      // A .jwt holds the claims of an account, which the broker shows to every client of its system account.
      const isPublic = /\.(pub|jwt)$/.test(file.name) || ['trust.json', 'roots.json'].includes(file.name);
      if (!file.isFile() || isPublic) continue;
      const path = join(file.parentPath, file.name);
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    }
  });

  async function inGuestLines(command: readonly string[]): Promise<string[]> {
    return (await guest.machine.output(command)).split('\n').filter(Boolean);
  }

  test('a machine that loses its power in the middle of a call is expired once the request has ended', async () => {
    const from = logLength();
    const id = await order('msleep(60000)', '--expires', '20s', '--timeout', '2s');
    await agentLogged('a call begins', from);
    await guest.machine.kill();
    const host = await outcome(id);
    expect(host.outcome).toBe('expired');
  });
});
