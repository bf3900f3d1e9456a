import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { eventually } from '../kit/eventually.ts';
import { agentHome } from '../kit/fleet/agent-home.ts';
import { startAgentProcess } from '../kit/fleet/agent-process.ts';
import { type ControllerFixture, startController } from '../kit/fleet/controller-process.ts';
import { PROGRAMS } from '../kit/fleet/controller-run.ts';
import { type NatsServer, startNatsServer } from '../kit/fleet/nats-server.ts';
import { natsServerOfTest } from '../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../kit/fleet/stand-in-controller.ts';

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

  it('a controller ignores SIGHUP, and says so', async () => {
    process.kill(controller.pid(), 'SIGHUP');
    await controller.logged(({ msg }) => msg.startsWith('SIGHUP is ignored'));
    expect((await controller.farcallHere('alice', ['requests'])).code).toBe(0);
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
