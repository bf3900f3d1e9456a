import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

describe('labels that are changed without visiting the machine', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;

  beforeAll(async () => {
    fleet = await startFleet({});
    ({ controller } = fleet);
  });
  afterAll(() => fleet?.stop());

  it('two approvers change the labels of a host, which takes them, runs by them, and keeps them over a restart', async () => {
    const home = await enrolledHome(controller, 'web-1', { role: 'web' });
    const agent = startAgentProcess(home);
    await eventually('it is admitted', () => agent.log().includes('the controller listed the open orders'));
    const label = (who: string, ...edits: string[]) =>
      controller.farcall(who, 'host', 'label', 'web-1', ...edits, '--reason', 'a database now', '--yes');
    const first = await label('bob', 'role=db', 'tier=2');
    expect(first.stdout).toMatch(
      /new +role=db,tier=2.*bob signed for role=db,tier=2\. It takes one person more/s,
    );
    const proposed = await controller.farcall('carol', 'host', 'label', 'web-1');
    expect(proposed.stdout).toMatch(/^to sign {2}farcall host label web-1 \S.* --reason TEXT$/m);
    const inbox = await controller.farcall('carol', 'inbox');
    expect(inbox.stdout).toMatch(
      /web-1: other labels are proposed by bob|web-1.*other labels are proposed by bob/s,
    );
    expect((await controller.farcall('alice', 'hosts')).stdout).toContain('others proposed by bob');
    const second = await label('carol', 'role=db', 'tier=2');
    expect(second.stdout).toContain('web-1 has role=db,tier=2, and says so itself.');
    expect((await controller.farcall('alice', 'hosts', 'role=db')).stdout).toContain('web-1');

    const id = await controller.approved(
      '_printk("x")',
      '--hosts',
      'role=db',
      '--reason',
      'by its new labels',
    );
    await eventually('it ran', async () => {
      const { hosts } = await controller.farcallJson('alice', 'report', id);
      return hosts[0].outcome === 'returned';
    });
    expect(loadsOf(home)).toHaveLength(1);

    await agent.kill('SIGTERM');
    const back = startAgentProcess(home);
    await eventually('it is admitted again', () =>
      back.log().includes('the controller listed the open orders'),
    );
    expect(back.log()).toContain('"tier":"2"');
    await back.kill('SIGTERM');

    // It is away now, and gets the next change when it comes back.
    await label('bob', 'tier-');
    const away = await label('carol', 'tier-');
    expect(away.stdout).toContain('it gets them when it reaches the broker');
    const late = startAgentProcess(home);
    await eventually('it takes them', () => late.log().includes('the agent took new labels'));
    await late.kill('SIGTERM');
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it.each([
    [['role=web'], 'it has these labels already: role=web'],
    [['team-'], 'it has no label team: role=web'],
    [['kernel=6.1'], 'no label can be called'],
    [['role'], 'neither LABEL=VALUE nor LABEL-'],
    [['=x'], 'neither LABEL=VALUE nor LABEL-'],
    [['role=a b'], 'role'],
  ])(
    'a change of labels that says nothing, or nothing possible, is refused in words: %s',
    async (edits, why) => {
      await controller.enrol('web-9', { role: 'web' }).catch(() => undefined);
      const args = ['host', 'label', 'web-9', ...edits, '--reason', 'x', '--yes'];
      const { code, stderr } = await controller.farcall('bob', ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
      expect((await controller.farcall('bob', 'host', 'label', 'web-9', ...edits)).stderr).toContain(
        '--reason',
      );
    },
  );
});
