import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lastAdmission } from '../../../agent/admission/index.ts';
import { startAndWait } from '../../../agent/cli/wait-until-heard.ts';
import { startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

describe('a new host that waits until it is heard', () => {
  let fleet: Fleet;
  const said: string[] = [];

  beforeAll(async () => {
    fleet = await startFleet();
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation(text => said.push(String(text)) > 0);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await fleet?.stop();
  });

  it('an enrolment ends when a controller has admitted the host that was started, and says so', async () => {
    const home = await enrolledHome(fleet.controller, 'heard-1', {});
    expect(lastAdmission(home.stateDirectory)).toBeUndefined();
    await startAndWait(async () => void startAgentProcess(home), home);
    expect(lastAdmission(home.stateDirectory)).toEqual({ atMs: expect.any(Number) });
    expect(said.join('')).toContain('A controller has heard this host, and admits it');
  });

  it('an enrolment whose agent does not come up fails with what the doctor finds wrong', async () => {
    const home = await enrolledHome(fleet.controller, 'heard-2', {});
    await expect(startAndWait(async () => undefined, home, 0)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no controller has heard it yet'),
    });
    expect(said.join('')).toMatch(/(WARNING|UNFIT {2}) {2}agent/);
  });
});
