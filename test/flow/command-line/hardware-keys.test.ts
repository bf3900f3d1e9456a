import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type CliResult, run } from '../../kit/fleet/controller-process.ts';
import { PROGRAMS } from '../../kit/fleet/controller-run.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { changeConfig, type TrustSite, trustSite } from '../../kit/fleet/trust-site.ts';
import { PIN, type SoftToken, softToken } from '../../kit/keys/soft-token.ts';
import { type SshAgent, sshAgent } from '../../kit/keys/ssh-agent-kit.ts';
import { ptyShell } from '../../kit/pty-shell.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('people, a root and a controller whose keys are in hardware', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let site: TrustSite;
  let token: SoftToken;
  let agent: SshAgent;
  let keys: Record<'alice' | 'bob' | 'rob' | 'ctl-1', string>;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    controller = fleet.controller;
    site = trustSite(controller);
    const folder = join(controller.folder, 'hardware');
    mkdirSync(folder);
    token = softToken(join(folder, 'token'));
    for (const [index, name] of ['bob', 'rob', 'ctl-1'].entries()) token.generate(name, `0${index + 1}`);
    agent = await sshAgent(folder);
    keys = {
      alice: `ssh-agent:${agent.add('alice@laptop')}`,
      bob: token.uriOf('bob'),
      rob: token.uriOf('rob'),
      'ctl-1': token.uriOf('ctl-1'),
    };
  });
  afterAll(async () => {
    agent?.end();
    token?.[Symbol.dispose]();
    await fleet?.stop();
  });

  /** `farcall` in a process of its own, as `operator` with a key that is in no file. */
  const farcall = (operator: 'alice' | 'bob' | 'rob', ...args: string[]): Promise<CliResult> => {
    const env = { ...controller.env(operator), ...token.env, SSH_AUTH_SOCK: agent.socket };
    return run('farcall', args, { cwd: controller.folder, env: { ...env, FARCALL_KEY: keys[operator] } });
  };
  const publicFile = async (name: keyof typeof keys): Promise<string> => {
    const { stdout } = await farcall('rob', 'key', 'show', keys[name]);
    const file = join(controller.folder, `${name}-hardware.pub`);
    writeFileSync(file, stdout);
    return `${name}=${file}`;
  };
  const digestOf = async (file: string): Promise<string> =>
    JSON.parse(await site.must('rob', 'trust', 'show', file, '--json')).digest;

  it('a bundle lists keys that farcall key show prints, and a root signs it with a key on a token', async () => {
    const edit = [
      ...['--requester', await publicFile('alice'), '--approver', await publicFile('bob')],
      ...['--root', await publicFile('rob'), '--controller', await publicFile('ctl-1')],
    ];
    await site.make(2, [['add', ...edit]], ['rob', 'rose']);
    await site.publish(2);
    await site.make(3, [['add', '--expires', '30d']], ['rose']);
    const signed = await farcall(
      ...(['rob', 'trust', 'sign', site.fileOf(3), '--current', site.fileOf(2), '--key', keys.rob] as const),
      ...['--yes', await digestOf(site.fileOf(3))],
    );
    expect(signed).toMatchObject({ code: 0, stdout: expect.stringContaining('Signed.') });
    await site.publish(3);
  });

  it('a controller refuses to start with a wrong PIN, and signs orders with a key on a token', async () => {
    await controller.stop();
    changeConfig(controller, { key: keys['ctl-1'] });
    writeFileSync(token.pinFile, '9999');
    await expect(controller.start()).rejects.toThrow(/the PIN is wrong/);
    writeFileSync(token.pinFile, PIN);
    await controller.start();
  });

  it('a key in an agent requests, keys on a token approve and order', async () => {
    const host = fleet.host('demo-1');
    const asked = await farcall('alice', 'request', ...HELLO, '--json');
    expect(asked).toMatchObject({ code: 0 });
    const { id, digest } = JSON.parse(asked.stdout);
    const approved = await farcall('bob', 'approve', id, '--yes', '--digest', digest);
    expect(approved).toMatchObject({ code: 0 });
    await controller.approve('carol', { id, digest });
    const order = await host.nextOrder(id);
    expect(order.approvals).toHaveLength(2);
    const { stdout } = await farcall('rob', 'key', 'show', keys['ctl-1'], '--json');
    expect(JSON.parse(Buffer.from(order.order.split('.')[0]!, 'base64url').toString()).kid).toBe(
      JSON.parse(stdout).kid,
    );
    expect(await host.answer(order)).toMatchObject({ committed: true });
  });

  it('a PIN is asked for on the terminal, which does not show it', async () => {
    const env = { ...controller.env('bob'), ...token.env, FARCALL_KEY: token.uriOf('bob', false) };
    const shell = ptyShell(`${join(PROGRAMS, 'farcall')} requests --json`, { cwd: controller.folder, env });
    await shell.until(/PIN of the token 'fleet': /);
    shell.send(`${PIN}\r`);
    const [shown] = await shell.until(/(?:.|\n)*say hi/);
    expect(shown).not.toContain(PIN);
    await shell.end();
  });

  it('a wrong PIN, a token that is away and an agent that is gone are told apart, and nothing is signed', async () => {
    const { id, digest } = await controller.requested(...HELLO);
    const approve = () => farcall('bob', 'approve', id, '--yes', '--digest', digest);
    writeFileSync(token.pinFile, '9999');
    expect(await approve()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/PIN is wrong.*KEY_REFUSED/),
    });
    writeFileSync(token.pinFile, PIN);
    keys.bob = keys.bob.replace('token=fleet', 'token=other');
    expect(await approve()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no token 'other'.*KEY_UNAV/),
    });
    agent.end();
    expect(await farcall('alice', 'requests')).toMatchObject({
      ...{ code: 2, stderr: expect.stringMatching(/no ssh-agent can be reached.*KEY_UNAVAILABLE/) },
    });
    const report = JSON.parse((await controller.farcallHere('carol', ['report', id, '--json'])).stdout);
    expect(report.request.status.approvers).toEqual([]);
  });

  it('neither log nor database of the controller has the PIN', () => {
    expect(JSON.stringify(controller.log)).not.toContain(PIN);
    expect(readFileSync(join(controller.folder, 'controller.json'), 'utf8')).not.toContain(PIN);
  });
});
