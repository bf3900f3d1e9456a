import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION, planEnvelopeCodec, planQueryCodec } from '../../../shared/messages/index.ts';
import { toHostSubject } from '../../../shared/subjects/index.ts';
import { eventually } from '../../kit/eventually.ts';
import type { CliResult, ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { NatsServer } from '../../kit/fleet/nats-server.ts';
import { queryTokenBy } from '../../kit/fleet/query-token.ts';

const AT = ['--reason', 'a test'];

describe('a plan of a real controller, broker and agents', () => {
  let fleet: Fleet;
  let nats: NatsServer;
  let controller: ControllerFixture;

  beforeAll(async () => {
    const agents = {
      'web-1': { labels: { env: 'test' }, kernel: '6.1.0-18-amd64' },
      'web-2': { labels: { env: 'test' }, kernel: '6.12.48+deb13-amd64' },
      'web-3': { labels: { env: 'test', canary: 'yes' }, kernel: '6.1.0-18-amd64' },
    };
    fleet = await startFleet({ agents });
    ({ nats, controller } = fleet);
    const gone = await fleet.join('gone-1', { env: 'gone' }, { kernelRelease: '5.10.0-30-amd64' });
    await gone.close();
  });

  afterAll(async () => {
    await fleet?.stop();
  });

  const here = (who: string, ...args: string[]): Promise<CliResult> => controller.farcallHere(who, args);

  it('a plan says what would be done, by kernel; a kernel that is silent is shown as such', async () => {
    const { code, stdout } = await here('alice', 'plan', 'f(1)', '--hosts', '*', '--wait', '2s');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Plan \w{12} for 4 hosts; 2 of 3 asked hosts answered; nothing was run$/m);
    expect(stdout).toMatch(/^3 hosts: would load it as a module$/m);
    expect(stdout).toMatch(/^ {2}6\.1\.0-18-amd64 x86_64: 2 hosts, asked web-[13]$/m);
    expect(stdout).toMatch(/^ {2}6\.12\.48\+deb13-amd64 x86_64: 1 host, asked web-2$/m);
    expect(stdout).toMatch(/^ {2}callee int _printk\(const char \*fmt, \.\.\.\)$/m);
    expect(stdout).toMatch(/^ {2}1:1 {4}call f\(1\)$/m);
    expect(stdout).toMatch(
      /^1 host: no answer in time \(--wait 1m waits longer\)\n {2}5\.10\.0-30-amd64 x86_64: 1 host, asked gone-1$/m,
    );
    for (const name of ['web-1', 'web-2', 'web-3'])
      expect(fleet.agent(name).log()).not.toContain('a call begins');
  });

  it('a plan says why it would not be run, and is JSON for programs', async () => {
    const args = [
      'plan',
      'unknown name',
      '--hosts',
      'kernel~6.1|6.12,!canary',
      '--per-kernel',
      '2',
      '--json',
    ];
    const { code, stdout } = await here('alice', ...args);
    expect(code).toBe(3);
    const plan = JSON.parse(stdout);
    expect(plan.expectedHosts).toBe(2);
    expect(plan.answers.map(({ host, error }: { host: string; error: object }) => [host, error])).toEqual([
      ['web-1', { outcome: 'not-applicable', code: 'SYMBOL_UNKNOWN', message: 'no such name' }],
      ['web-2', { outcome: 'not-applicable', code: 'SYMBOL_UNKNOWN', message: 'no such name' }],
    ]);
  });

  it('a plan asks the hosts that are named', async () => {
    const { code, stdout } = await here(
      'alice',
      'plan',
      'f(1)',
      '--hosts',
      'env=test',
      '--ask',
      'web-3',
      '--json',
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout).kernels.map(({ asked }: { asked: string[] }) => asked)).toEqual([
      ['web-3'],
      [],
    ]);
  });

  it('a plan is made with a request, signed with it, and shown to approvers', async () => {
    const asked = await here('alice', 'request', 'f(2)', '--hosts', '@web-1,@web-2', ...AT, '--late-joiners');
    expect(asked.code, asked.stderr).toBe(0);
    const [, id] = /^Request (\w+) for 2 hosts$/m.exec(asked.stdout)!;
    const [, planDigest] = /^ {2}plan {3}(sha256:\w{64})$/m.exec(asked.stdout)!;
    const { stdout } = await here('bob', 'reject', id!, '--reason', 'only looking', '--yes');
    expect(stdout).toContain('  that is    host in (web-1,web-2)');
    expect(stdout).toMatch(/^ {2}expected {3}2 hosts, sha256:\w{64}$/m);
    expect(stdout).toContain('  joiners    hosts that are enrolled later may run it too');
    expect(stdout).toContain(`  plan       ${planDigest}`);
    expect(stdout).toMatch(/^2 hosts: would load it as a module$/m);
    expect((await here('alice', 'audit', 'show', '--kind', 'plan-made', '--json')).stdout).toContain(
      planDigest!.slice(7),
    );
  });

  it('a plan that another one took the place of is not approved; it can be rejected', async () => {
    const { stdout } = await here('alice', 'request', 'f(3)', '--hosts', 'env=test', ...AT, '--json');
    const { id, digest, planDigest } = JSON.parse(stdout);
    const database = new DatabaseSync(join(controller.folder, 'farcall.db'), { timeout: 5000 });
    const found = Buffer.from(planDigest, 'hex');
    database
      .prepare('update plans set bytes = (select bytes from plans limit 1) where digest = ?')
      .run(found);
    const approval = await here('bob', 'approve', id, '--yes', '--digest', digest);
    expect([approval.code, approval.stderr]).toEqual([
      4,
      expect.stringContaining('a different plan from the one that the request names'),
    ]);
    const rejection = await here('bob', 'reject', id, '--reason', 'a false plan', '--yes');
    expect([rejection.code, rejection.stderr]).toEqual([
      0,
      expect.stringContaining('The plan of the request cannot be shown'),
    ]);
    const verified = await controller.auditVerify();
    expect([verified.code, verified.stdout]).toEqual([8, expect.stringMatching(/digest +plans/)]);
    database.close();
  });

  it('a plan is answered while a call runs, and a call by a fact runs on the hosts that have it', async () => {
    const id = await controller.approved('slow 20000', '--hosts', 'kernel~6.12,env=test', ...AT, '--no-plan');
    await eventually('the call begins', () => fleet.agent('web-2').log().includes('a call begins'));
    const { code } = await here('alice', 'plan', 'f(4)', '--hosts', 'kernel~6.12');
    expect(code).toBe(0);
    const { stdout } = await here('alice', 'report', id, '--json');
    expect(JSON.parse(stdout).hosts).toMatchObject([{ host: 'web-2', outcome: null }]);
    for (const name of ['web-1', 'web-3']) expect(fleet.agent(name).log()).not.toContain('a call begins');
  });

  it('a plan is told to a controller that the host knows, and to nobody else', async () => {
    const connection = await nats.connect(await nats.ownerLogin());
    const answers: Uint8Array[] = [];
    connection.subscribe('farcall.host.web-1.plan', {
      callback: (_error, { data }) => void answers.push(data),
    });
    const query = planQueryCodec.encode({
      ...{ protocol: PROTOCOL_VERSION, id: 'forged01', requester: 'alice', program: 'f()', effect: 'call' },
      ...{ policy: 'standard', timeoutMs: 1000, createdAtMs: Date.now(), hosts: ['web-1'] },
    });
    const ask = async (by: string): Promise<void> => {
      const token = await queryTokenBy(controller, 'plan', { by, query });
      const envelope = planEnvelopeCodec.encode({ query, token });
      connection.publish(toHostSubject('web-1', 'plan'), envelope);
    };
    connection.publish(toHostSubject('web-1', 'plan'), Buffer.from('rubbish'));
    await ask('alice');
    await connection.flush();
    const agent = fleet.agent('web-1');
    await eventually('they are ignored', () => agent.log().includes('TOKEN_KEY_UNKNOWN'));
    expect(agent.log()).toContain('MESSAGE_INVALID');
    await ask('ctl-1');
    await eventually('the controller is answered', () => answers.length > 0);
    expect(answers).toHaveLength(1);
    await connection.close();
  });
});
