import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import type { AgentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

describe('a host whose state directory was copied', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;

  beforeAll(async () => {
    fleet = await startFleet({});
    ({ controller } = fleet);
  });
  afterAll(() => fleet?.stop());

  const holdOf = async (name: string): Promise<string | undefined> => {
    const hosts: { host: string; hold?: { why: string } }[] = await controller.farcallJson('alice', 'hosts');
    return hosts.find(({ host }) => host === name)?.hold?.why;
  };
  const order = (name: string, reason: string): Promise<string> =>
    controller.approved('_printk("x")', '--hosts', `host=${name}`, '--reason', reason);
  const outcomeOf = async (id: string): Promise<string | null> => {
    const { hosts } = await controller.farcallJson('alice', 'report', id);
    return hosts[0].outcome;
  };
  const ended = (id: string, outcome: string) =>
    eventually(`request ${id} ends as ${outcome}`, async () => (await outcomeOf(id)) === outcome);

  /** Starts the agent of `home`, and ends it again once a controller has admitted it. */
  async function runOnce(
    home: AgentHome,
    work: () => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    const agent = startAgentProcess(home);
    await eventually('it is admitted', () => agent.log().includes('the controller listed the open orders'));
    await work();
    await agent.kill('SIGTERM');
  }

  it('a host gets no orders after an earlier copy was put back, until a person accepts it', async () => {
    const home = await enrolledHome(controller, 'restored', { env: 'demo' });
    const copy = join(controller.folder, 'snapshot');
    await runOnce(home);
    cpSync(home.directory, copy, { recursive: true });
    await runOnce(home, async () => ended(await order('restored', 'before'), 'returned'));
    expect(loadsOf(home)).toHaveLength(1);

    rmSync(home.directory, { recursive: true });
    cpSync(copy, home.directory, { recursive: true });
    const agent = startAgentProcess(home);
    // If the agent ended before it reported the position after its call, the copy is no earlier than what the
    // controller knows, but another history of the same length. test/controller/gather/admit-host.test.ts
    // tells the two apart.
    const reasons = ['went-back', 'exists-twice'];
    await controller.logged(line => line['host'] === 'restored' && reasons.includes(String(line['why'])));
    expect(reasons).toContain(await holdOf('restored'));
    await eventually('it knows', () => agent.log().includes('the controller holds this host'));
    const id = await order('restored', 'while it is held');
    await eventually('the order came', () => agent.log().includes('the agent does not run an order'));
    expect(loadsOf(home)).toEqual([]);

    const accepted = await controller.farcall(
      'bob',
      'host',
      'accept',
      'restored',
      '--reason',
      'from a backup',
    );
    expect(accepted.stdout).toContain('restored is accepted');
    await ended(id, 'unknown');
    const later = await order('restored', 'after it was accepted');
    await ended(later, 'returned');
    expect(loadsOf(home)).toHaveLength(1);
    expect(await holdOf('restored')).toBeUndefined();
    await agent.kill('SIGTERM');
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('a host is held when two machines run it', async () => {
    const home = await enrolledHome(controller, 'cloned', { env: 'demo' });
    await runOnce(home);
    const directory = join(controller.folder, 'clone');
    cpSync(home.directory, directory, { recursive: true });
    // On another machine the paths lead to its own files.
    const configFile = join(directory, 'agent.json');
    writeFileSync(configFile, readFileSync(configFile, 'utf8').replaceAll(home.directory, directory));
    startAgentProcess(home);
    startAgentProcess({ ...home, directory, configFile, stateDirectory: directory });
    await controller.logged(line => line['host'] === 'cloned' && line['why'] === 'exists-twice');
    expect(await holdOf('cloned')).toBe('exists-twice');
    const text = (await controller.farcall('alice', 'hosts')).stdout;
    expect(text).toContain('exists twice');
    const { stdout } = await controller.farcall('alice', 'audit', 'show');
    expect(stdout).toContain('host-held');
  });
});
