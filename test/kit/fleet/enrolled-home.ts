import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPEN_POLICY } from '../../agent/support/open-policy.ts';
import { orderKit } from '../order-kit.ts';
import type { AgentHome } from './agent-home.ts';
import type { ControllerFixture } from './controller-process.ts';

/** The files of a host that was enrolled at a real controller, with a policy that allows everything. */
export async function enrolledHome(
  controller: ControllerFixture,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<AgentHome> {
  await controller.enrol(name, labels);
  const directory = join(controller.folder, 'hosts', name);
  const configFile = join(directory, 'agent.json');
  const config = JSON.parse(readFileSync(configFile, 'utf8'));
  writeFileSync(configFile, JSON.stringify({ ...config, askJitterMs: 0, logLevel: 'debug' }));
  writeFileSync(join(directory, 'policy.json'), JSON.stringify(OPEN_POLICY));
  return { directory, configFile, stateDirectory: directory, kit: orderKit(Date.now()) };
}
