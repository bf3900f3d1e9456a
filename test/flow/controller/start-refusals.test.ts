import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { freePort } from '../../../deploy/demo/service.ts';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { type ControllerFixture, startController } from '../../kit/fleet/controller-process.ts';
import { PROGRAMS } from '../../kit/fleet/controller-run.ts';
import { type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';

describe('a controller', () => {
  let nats: NatsServer;
  let controller: ControllerFixture;

  beforeAll(async () => {
    nats = await startNatsServer();
    controller = await startController({ nats });
  });
  afterAll(async () => {
    await controller?.remove();
    await nats?.stop();
  });

  const runAgain = () =>
    spawnSync(
      join(PROGRAMS, 'farcall-controller'),
      ['run', '--config', join(controller.folder, 'controller.json')],
      { encoding: 'utf8' },
    );

  it('a controller on a SQLite file that another one uses is refused, in words, with exit code 2', () => {
    const { status, stderr } = runAgain();
    expect(stderr).toMatch(
      /another controller uses the store .*farcall.db; several controllers need PostgreSQL \[CONFLICT\]/,
    );
    expect(status).toBe(2);
  });

  it('a controller takes a changed configuration at SIGHUP, and goes on as it was if that is wrong', async () => {
    const file = join(controller.folder, 'controller.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, '{"name":');
    process.kill(controller.pid(), 'SIGHUP');
    await controller.logged(({ msg }) => msg === 'the controller goes on with its earlier configuration');
    expect((await controller.farcallHere('alice', ['requests'])).code).toBe(0);
    const listen = `127.0.0.1:${await freePort()}`;
    writeFileSync(file, JSON.stringify({ ...JSON.parse(before), metrics: { listen } }));
    const pid = controller.pid();
    process.kill(pid, 'SIGHUP');
    // Nothing listened there before.
    await eventually('the changed configuration counts', async () => {
      const answer = await fetch(`http://${listen}/healthz`).catch(() => undefined);
      return answer?.ok;
    });
    await eventually(
      'it answers',
      async () => (await controller.farcallHere('alice', ['requests'])).code === 0,
    );
    expect(controller.pid()).toBe(pid);
    writeFileSync(file, before);
  });

  it('a controller whose store is damaged ends with exit code 2, after which its unit does not start it again', async () => {
    await controller.stop();
    const file = join(controller.folder, 'farcall.db');
    for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
    writeFileSync(
      file,
      'this is no database at all, and it is longer than a header of one hundred bytes'.repeat(9),
    );
    const { status, stderr } = runAgain();
    expect(stderr).toContain('its file is damaged [STORE_FAILED]');
    expect(status).toBe(2);
  });
});

test.each([
  ['removed', (path: string) => rmSync(path)],
  ['emptied', (path: string) => writeFileSync(path, '')],
])('a host whose journal was %s says so when its agent starts', async (_, lose) => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  writeFileSync(join(home.stateDirectory, 'joined.json'), '{"joinedAtMs":1}', { mode: 0o600 });
  const first = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count === 1);
  expect(first.log()).not.toContain('journal of this host is missing');
  await first.kill('SIGTERM');
  lose(join(home.stateDirectory, 'journal'));
  const second = startAgentProcess(home);
  await eventually('it is said', () => second.log().includes('the journal of this host is missing or empty'));
});

describe('an agent that cannot start until a person changes something', () => {
  let nats: NatsServer;

  beforeAll(async () => {
    nats = await startNatsServer();
  });
  afterAll(() => nats?.stop());

  it('an agent whose journal is damaged ends with exit code 2, and says where', async () => {
    const home = await agentHome(nats);
    const journal = join(home.stateDirectory, 'journal');
    writeFileSync(journal, Buffer.alloc(4096, 0x5a), { mode: 0o600 });
    const agent = startAgentProcess(home);
    expect(await agent.ended()).toBe(2);
    expect(agent.log()).toMatch(/^farcall-agent: .*damaged.* \[JOURNAL_DAMAGED\]$/m);
    expect(readFileSync(journal)).toHaveLength(4096);
  });

  it('an agent takes a changed policy at SIGHUP, and goes on as it was if that is wrong', async () => {
    const controller = await startStandInController(nats);
    const home = await agentHome(nats);
    const agent = startAgentProcess(home);
    await eventually('the agent listens', () => controller.questions.count === 1);
    const policy = join(home.directory, 'policy.json');
    const before = readFileSync(policy, 'utf8');
    writeFileSync(policy, '{"effects":"all"}');
    agent.child.kill('SIGHUP');
    await eventually('it goes on', () => agent.log().includes('goes on with its earlier configuration'));
    writeFileSync(policy, JSON.stringify({ ...JSON.parse(before), effects: ['read'] }));
    agent.child.kill('SIGHUP');
    await eventually('the agent listens again', () => controller.questions.count === 2);
    expect(agent.log()).toContain('starts again with its configuration as it is now');
  });

  it('an agent on a kernel that lacks what it needs ends with exit code 2, and names it', async () => {
    const home = await agentHome(nats);
    const agent = startAgentProcess(home, { env: { FARCALL_TEST_LACKS: 'CONFIG_KALLSYMS' } });
    expect(await agent.ended()).toBe(2);
    expect(agent.log()).toContain('farcall-agent: this kernel lacks CONFIG_KALLSYMS [KERNEL_LACKS]');
  });

  it.each(['agent', 'controller'])(
    'the unit of the %s does not start it again after exit code 2, and starts it again after any other',
    name => {
      const unit = readFileSync(
        new URL(`../../../deploy/systemd/farcall-${name}.service`, import.meta.url),
        'utf8',
      );
      expect(unit).toMatch(/^Restart=always$/m);
      expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
    },
  );
});
