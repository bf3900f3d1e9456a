import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorClient } from '../../../controller/cli/session/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import { readKeyFile, sha256 } from '../../../shared/tokens/index.ts';
import { approvalOf } from '../../kit/decisions.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

const HELLO = ['_printk("Hello, world\\n")', '--hosts', 'env=demo', '--reason', 'say hello'];

describe('from a request to its results', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let one: StandInHost;
  let two: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    ({ controller } = fleet);
    one = fleet.host('demo-1');
    two = await fleet.join('demo-2', { env: 'demo' }, false);
    await two.hello({ kernelRelease: '6.1.0-40-amd64' });
    await controller.logged(line => line['host'] === 'demo-2' && line['effect'] === 'registered');
  });

  afterAll(() => fleet?.stop());

  it('two approvers, two hosts, one table', async () => {
    const { id, digest, bytes, status } = await controller.farcallJson('alice', 'request', ...HELLO);
    expect(Buffer.from(sha256(Buffer.from(bytes, 'base64'))).toString('hex')).toBe(digest);
    expect(status).toMatchObject({ state: 'pending', threshold: 2, expectedHosts: 2 });

    const first = await controller.farcall('bob', 'approve', id, '--yes', '--digest', digest);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`digest     sha256:${digest}`);
    expect(first.stdout).toContain('1 | _printk("Hello, world\\n")');
    expect(first.stdout).toMatch(/1 {2}6\.1\.0-40-amd64 x86_64 {2}demo-2/);
    expect(first.stdout).toContain(`Approved: 1 of 2 (bob); request ${id} is pending.`);
    const second = await controller.farcall('carol', 'approve', id, '--yes', '--digest', digest);
    expect(second.stdout).toContain(`Approved: 2 of 2 (bob, carol); request ${id} is dispatched.`);

    const watching = controller.farcall('alice', 'watch', id, '--until', 'done');
    const [orderOne, orderTwo] = await Promise.all([one.nextOrder(id), two.nextOrder(id)]);
    expect(Buffer.from(orderOne.request).toString('base64')).toBe(bytes);
    expect(await one.answer(orderOne)).toMatchObject({ committed: true, reason: '' });
    const kernelRelease = '6.1.0-40-amd64';
    expect(await two.answer(orderTwo, { kernelRelease, kernelLog: [] })).toMatchObject({ committed: true });
    const { code, stdout } = await watching;
    expect(code).toBe(0);
    expect(stdout).toContain(`${id} finished, 2 of 2 hosts: 2 returned\n`);
    expect(stdout).toContain(
      [
        '2 expected = 2 returned + 0 waiting',
        'HOST    KERNEL               OUTCOME   VALUE    TIME',
        'demo-1  6.12.48+deb13-amd64  returned  (int)17  12.3 ms',
        'demo-2  6.1.0-40-amd64       returned  (int)17  12.3 ms',
        '',
        'demo-1: farcall: ran 25 bytes',
        '',
      ].join('\n'),
    );
    const report = await controller.farcallJson('bob', 'report', id);
    expect(report.request.status).toMatchObject({
      state: 'finished',
      outcomes: [{ outcome: 'returned', hosts: 2 }],
    });
    expect(report.hosts).toMatchObject([
      { host: 'demo-1', outcome: 'returned', result: { value: { text: '(int)17' } } },
      { host: 'demo-2', outcome: 'returned' },
    ]);
  });

  it('one approval orders nothing', async () => {
    const { id, digest } = await controller.farcallJson('alice', 'request', ...HELLO);
    await controller.farcall('bob', 'approve', id, '--yes', '--digest', digest);
    expect((await controller.farcallJson('alice', 'report', id)).request.status.state).toBe('pending');
    expect(await one.queryOrders()).toEqual([]);
    expect(await controller.farcall('alice', 'report', id)).toMatchObject({
      code: 13,
      stdout: expect.stringContaining('pending, 1 of 2 approvals'),
    });
  });

  it('who may not approve is told why', async () => {
    const { id, digest } = await controller.farcallJson('alice', 'request', ...HELLO);
    const approve = (operator: string) =>
      controller.farcall(operator, 'approve', id, '--yes', '--digest', digest);
    expect(await approve('alice')).toMatchObject({
      code: 4,
      stderr: `farcall: alice asked for request ${id}; an approval of it must come from somebody else [APPROVAL_REFUSED]\n`,
    });
    await approve('bob');
    expect(await approve('bob')).toMatchObject({
      code: 4,
      stderr: `farcall: bob approved already (request ${id}) [APPROVAL_REFUSED]\n`,
    });
    expect(await approve('mallory')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/no trusted key has the id \S+ \[TOKEN_KEY_UNKNOWN\]/),
    });
    expect((await controller.farcallJson('alice', 'report', id)).request.status.approvers).toEqual(['bob']);
  });

  it('an approval that is expired or by an unknown key is refused, no matter who hands it in', async () => {
    const { id, bytes } = await controller.farcallJson('alice', 'request', ...HELLO);
    const request = Buffer.from(bytes, 'base64');
    expect(callRequestCodec.decode(request).id).toBe(id);
    const key = (name: string) => readKeyFile(join(controller.folder, `${name}.key`));
    const approval = (name: string, iat: number) =>
      approvalOf({ name, key: key(name) }, request, { site: controller.site, iat, exp: iat + 60 });
    const client = operatorClient({
      address: controller.address,
      as: { name: 'bob', site: controller.site, key: key('bob') },
      clock: systemClock,
      caFile: fleet.nats.caFile,
    });
    const nowS = Math.floor(Date.now() / 1000);
    const submit = async (token: string) => client.call('submitApproval', { id, token });
    await expect(submit(await approval('bob', nowS - 3600))).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    await expect(submit(await approval('mallory', nowS))).rejects.toMatchObject({
      code: 'TOKEN_KEY_UNKNOWN',
    });
    await expect(submit('a.b.c')).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    client.close();
    expect((await controller.farcallJson('alice', 'report', id)).request.status.approvers).toEqual([]);
  });

  it('a host that failed, one that refused: the exit code says so', async () => {
    const id = await controller.approved(...HELLO);
    const watching = controller.farcall('alice', 'watch', id, '--json', '--until', 'done');
    const [orderOne, orderTwo] = await Promise.all([one.nextOrder(id), two.nextOrder(id)]);
    const error = { code: 'POLICY_REFUSED' as const, message: 'rule 3 forbids _printk' };
    await one.answer(orderOne, { outcome: 'refused', value: undefined, error });
    await two.answer(orderTwo, { outcome: 'skipped', value: undefined });
    const { code, stdout } = await watching;
    expect(code).toBe(3);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ event: 'request', status: { state: 'finished' } });
    expect(events.filter(({ event, outcome }) => event === 'host' && outcome)).toMatchObject([
      { host: 'demo-1', outcome: 'refused', result: { error } },
      { host: 'demo-2', outcome: 'skipped' },
    ]);
    expect((await controller.farcall('alice', 'report', id)).stdout).toContain(
      'POLICY_REFUSED: rule 3 forbids _printk',
    );
  });

  it('a request that nobody approves expires for every host', async () => {
    // On a slow machine a request may be over before it is signed, and is refused then.
    const { id, digest } = await eventually('a request is taken before it is over', async () => {
      const asked = ['request', ...HELLO, '--expires', '1s', '--json'];
      const { code: taken, stdout: said } = await controller.farcallHere('alice', asked);
      return taken === 0 && JSON.parse(said);
    });
    const { code, stdout } = await controller.farcall('alice', 'watch', id, '--until', 'done');
    expect(code).toBe(12);
    expect(stdout).toContain(`${id} expired, 2 of 2 hosts: 2 not-ordered`);
    expect(await controller.farcall('bob', 'approve', id, '--yes', '--digest', digest)).toMatchObject({
      code: 4,
    });
  });

  it('a timed-out call that comes back is reported beside its outcome', async () => {
    const id = await controller.approved(...HELLO);
    const [orderOne, orderTwo] = await Promise.all([one.nextOrder(id), two.nextOrder(id)]);
    await two.answer(orderTwo);
    await one.answer(orderOne, { outcome: 'timed-out', value: undefined });
    expect(await one.answer(orderOne)).toMatchObject({ committed: true });
    const { code, stdout } = await controller.farcall('alice', 'report', id);
    expect(code).toBe(3);
    expect(stdout).toContain('demo-1: late: returned (int)17');
  });

  it('logs name the request and never the program or a token', async () => {
    const log = JSON.stringify(controller.log);
    expect(
      controller.log.some(line => line['request'] !== undefined && line.msg === 'request dispatched'),
    ).toBe(true);
    expect(log).not.toContain('_printk');
    expect(log).not.toContain('eyJ');
    expect(log).not.toContain(JSON.parse(readFileSync(join(controller.folder, 'ctl-1.key'), 'utf8')).d);
  });

  it('the audit log holds', async () => {
    expect(await controller.auditVerify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing is wrong'),
    });
  });

  it('SIGTERM ends the controller and its watchers in good order', async () => {
    const { id } = await controller.farcallJson('alice', 'request', ...HELLO);
    const watching = controller.farcall('alice', 'watch', id, '--until', 'done');
    await controller.logged(line => line.msg === 'request created' && line['request'] === id);
    expect(await controller.stop()).toBe(0);
    expect(await watching).toMatchObject({ code: 5 });
    expect(controller.log.at(-1)).toMatchObject({ msg: 'controller stopped' });
  });
});
