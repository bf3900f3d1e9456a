import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';
import { eventually } from '../../kit/eventually.ts';
import { type AgentHome, agentHome } from '../../kit/fleet/agent-home.ts';
import { type AgentProcess, loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';

async function startWorld() {
  const nats = await natsServerOfTest();
  return { controller: await startStandInController(nats), home: await agentHome(nats) };
}

/** Lets no file of the agent grow beyond so many bytes: writes then end short, or in EFBIG. */
function limitFileSize(agent: AgentProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(agent.child.pid), `--fsize=${bytes}:unlimited`]);
}

function journalBytes(home: AgentHome): number {
  return readFileSync(join(home.stateDirectory, 'journal')).length;
}

test('an order whose intent cannot be written runs once the disk has space again', async () => {
  const { controller, home } = await startWorld();
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  const before = journalBytes(home);
  limitFileSize(agent, before + 100);
  const { envelope } = await home.kit.order();
  await controller.publish(envelope);
  await eventually('it is logged', () =>
    agent.log().includes('the agent neither runs nor answers an order: the journal fails'),
  );
  expect(loadsOf(home)).toEqual([]);
  expect(journalBytes(home)).toBe(before);
  limitFileSize(agent, 'unlimited');
  await controller.publish(envelope);
  expect(await eventually('a result', () => controller.results[0])).toMatchObject({ outcome: 'returned' });
  expect(loadsOf(home)).toHaveLength(1);
});

test('a result whose outcome cannot be written is sent nevertheless', async () => {
  const { controller, home } = await startWorld();
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  const { envelope } = await home.kit.order({ request: { program: 'slow 300' } });
  await controller.publish(envelope);
  await eventually('the call runs', () => loadsOf(home).length === 1);
  limitFileSize(agent, journalBytes(home) + 10);
  expect(await eventually('a result', () => controller.results[0])).toMatchObject({ outcome: 'returned' });
  expect(agent.log()).toContain('the agent cannot write an outcome to the journal');
  expect(journalBytes(home)).toBeLessThan(1000);
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
  'on a disk without room for the outcome nothing is run (needs root for a tmpfs)',
  async () => {
    const { controller, home } = await startWorld();
    const keys = temporaryDirectory();
    cpSync(home.stateDirectory, keys, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', home.stateDirectory]);
    onTestFinished(() => void execFileSync('umount', ['-l', home.stateDirectory]));
    cpSync(keys, home.stateDirectory, { recursive: true });
    const agent = startAgentProcess(home);
    await eventually('the agent listens', () => controller.questions.count > 0);
    const { envelope } = await home.kit.order();
    await controller.publish(envelope);
    await eventually('it is logged', () => agent.log().includes('no room left for an outcome'));
    expect(loadsOf(home)).toEqual([]);
    await agent.kill('SIGTERM');
    execFileSync('mount', ['-o', 'remount,ro', home.stateDirectory]);
    const second = startAgentProcess(home);
    expect(await second.ended()).toBe(1);
    expect(second.log()).toMatch(/JOURNAL_FAILED/);
  },
);

test('a state directory that cannot be made is an error of the configuration', async () => {
  const nats = await natsServerOfTest();
  const home = await agentHome(nats, { config: { stateDirectory: 'agent.json/state' } });
  const agent = startAgentProcess(home);
  expect(await agent.ended()).toBe(2);
  expect(agent.log()).toMatch(/state directory .*\[CONFIG_INVALID\]/);
});

test('only one of two agents on one state directory runs', async () => {
  const { controller, home } = await startWorld();
  const first = startAgentProcess(home);
  await eventually('the first listens', () => controller.questions.count === 1);
  const second = startAgentProcess(home);
  expect(await second.ended()).toBe(2);
  expect(second.log()).toMatch(/another agent uses .*\[CONFLICT\]/);
  await first.kill('SIGKILL');
  startAgentProcess(home);
  await eventually('a third takes its place', () => controller.questions.count === 2);
});

test('an agent does not start on a damaged journal, and leaves it as it is', async () => {
  const { controller, home } = await startWorld();
  const path = join(home.stateDirectory, 'journal');
  const first = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  await controller.publish((await home.kit.order()).envelope);
  await eventually('it is committed', () => first.log().includes('the controller has committed a result'));
  await first.kill('SIGTERM');
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1;
  writeFileSync(path, bytes);
  const second = startAgentProcess(home);
  expect(await second.ended()).toBe(2);
  expect(second.log()).toMatch(/damaged at byte/);
  expect(readFileSync(path)).toEqual(bytes);
});

test('a journal whose last record was never finished is used without it', async () => {
  const { controller, home } = await startWorld();
  const path = join(home.stateDirectory, 'journal');
  mkdirSync(home.stateDirectory, { recursive: true });
  const first = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  controller.answer = 'silence';
  await controller.publish((await home.kit.order()).envelope);
  await eventually('a result', () => controller.results[0]);
  await first.kill('SIGKILL');
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  controller.answer = 'commit';
  const second = startAgentProcess(home);
  const result = await eventually('a result', () => controller.results.find(r => r.outcome !== 'returned'));
  expect(result.outcome).toBe('unknown');
  expect(second.log()).toContain('the agent cut off an unfinished record');
});
