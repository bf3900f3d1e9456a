import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeHostKey } from '../../../agent/identity/index.ts';
import { bundleFileText, type PinnedRoots } from '../../../shared/trust/index.ts';
import { OPEN_POLICY } from '../../agent/support/open-policy.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';
import { pinnedOf } from '../cast.ts';
import { type OrderKit, orderKit } from '../order-kit.ts';
import type { NatsServer } from './nats-server.ts';

/** The files of one agent: configuration, policy, trust bundle, state. */
export interface AgentHome {
  readonly directory: string;
  readonly configFile: string;
  readonly stateDirectory: string;
  readonly kit: OrderKit;
}

/** Members of the configuration and policy that differ from the usual. */
export interface HomeChanges {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly kit?: OrderKit;
  /** Where the files go; a directory for this test alone where it is not said. */
  readonly directory?: string;
  /** Roots to pin on a host that has no trust bundle yet, instead of those of the kit with theirs. */
  readonly roots?: PinnedRoots;
}

/** Files for the host `web-01` with the label env=test, on the broker `nats`. */
export async function agentHome(
  nats: NatsServer,
  { config, policy, kit = orderKit(Date.now()), roots, directory = temporaryDirectory() }: HomeChanges = {},
): Promise<AgentHome> {
  mkdirSync(directory, { recursive: true });
  const stateDirectory = join(directory, 'state');
  mkdirSync(stateDirectory, { mode: 0o700 });
  const json = (name: string, value: unknown): string => {
    const path = join(directory, name);
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 });
    return path;
  };
  makeHostKey(stateDirectory);
  const { seed, jwt } = await nats.hostLogin('web-01');
  json('state/broker.seed', Buffer.from(seed).toString());
  json('state/broker.jwt', jwt);
  json('policy.json', { ...OPEN_POLICY, ...policy });
  json('roots.json', roots ?? pinnedOf());
  // As if this host had accepted it before.
  if (!roots) json('state/trust.json', bundleFileText(kit.bundle, kit.signedBundle.signatures));
  const configFile = json('agent.json', {
    host: 'web-01',
    labels: { env: 'test' },
    nats: {
      servers: [nats.url],
      caFile: nats.caFile,
      nkeySeedFile: 'state/broker.seed',
      credentialFile: 'state/broker.jwt',
    },
    stateDirectory: 'state',
    rootsFile: 'roots.json',
    policyFile: 'policy.json',
    askJitterMs: 0,
    logLevel: 'debug',
    ...config,
  });
  return { directory, configFile, stateDirectory, kit };
}
