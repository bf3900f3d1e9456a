import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({ hosts: { away: { env: 'late' } } });
});
afterAll(() => fleet?.stop());

/** Enrols a host and starts its agent. */
async function arrives(name: string) {
  const home = await enrolledHome(fleet.controller, name, { env: 'late' });
  startAgentProcess(home);
  await fleet.controller.logged(line => line['host'] === name && line['effect'] === 'registered');
  return home;
}

const outcomes = async (id: string) => {
  const { hosts } = await fleet.controller.farcallJson('alice', 'report', id);
  return hosts.map(({ host, outcome }: { host: string; outcome: string | null }) => [host, outcome]).sort();
};

test('a host that is enrolled after the order runs it once where the request says so, and else not', async () => {
  const { controller } = fleet;
  // It never answers, so that both requests stay open.
  const about = ['f(1)', '--hosts', 'env=late', '--effect', 'call', '--expires', '1h', '--reason'];
  const open = await controller.approved(...about, 'for those who come too', '--late-joiners');
  const closed = await controller.approved(...about, 'for those who are there');
  for (const id of [open, closed])
    await controller.logged(line => line.msg === 'order published' && line['request'] === id);
  const home = await arrives('web-9');
  const about9 = { request: open, host: 'web-9' };
  expect(await controller.logged(line => line.msg.startsWith('a late joiner'))).toMatchObject(about9);
  const committed = await controller.logged(line => line.msg === 'result committed');
  expect(committed).toMatchObject({ ...about9, outcome: 'returned' });
  await expect
    .poll(() => outcomes(open))
    .toEqual([
      ['away', null],
      ['web-9', 'returned'],
    ]);
  expect(await outcomes(closed)).toEqual([['away', null]]);
  // One that comes after the abort is expected by neither.
  expect((await controller.farcall('bob', 'abort', open, '--reason', 'enough', '--yes')).code).toBe(7);
  const last = await arrives('web-10');
  expect((await outcomes(open)).map(([host]: string[]) => host)).not.toContain('web-10');
  expect([loadsOf(home).length, loadsOf(last).length]).toEqual([1, 0]);
  expect(await controller.auditVerify()).toMatchObject({ code: 0 });
});
