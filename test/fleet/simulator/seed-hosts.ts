import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { hostCredentials } from '../../../controller/broker/index.ts';
import { SITE_FILES } from '../../../controller/site/index.ts';
import { openStore, readStoreKey } from '../../../controller/store/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { readKeyFile, writeKeyFile } from '../../../shared/tokens/index.ts';
import { readRootsFile } from '../../../shared/trust/index.ts';
import { OPEN_POLICY } from '../../agent/support/open-policy.ts';
import { keyOf } from '../../kit/cast.ts';
import { hostKeysBy, newEnrolmentOf } from '../../kit/enrolment-kit.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import type { NatsServer } from '../../kit/fleet/nats-server.ts';
import type { Behaviour } from './behaviour.ts';

/** A host of the simulation. */
export interface SimulatedHost {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly behaviour: Behaviour;
  readonly kernelRelease: string;
}

const CREDENTIAL_LIFE_MS = 6 * 3_600_000;

/**
 * Makes the files of these hosts below `folder`, and enrols them: keys, credentials and rows are as
 * `farcall-agent enrol` and a controller make them, by the same code of the store, but without their
 * conversation, which would take a thousand hosts a minute. The controller must not run meanwhile.
 */
export async function seedHosts(
  folder: string,
  { nats, controller }: { readonly nats: NatsServer; readonly controller: ControllerFixture },
  hosts: readonly SimulatedHost[],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(OPEN_POLICY));
  writeFileSync(join(folder, 'refusing.json'), JSON.stringify({ ...OPEN_POLICY, effects: ['read'] }));
  const trust = readFileSync(join(controller.folder, 'trust.json'), 'utf8');
  const signingFile = join(nats.folder, SITE_FILES.hostSigning);
  const credentials = hostCredentials(
    readFileSync(signingFile, 'utf8'),
    signingFile,
    CREDENTIAL_LIFE_MS,
    systemClock,
  );
  // In memory and back: two transactions for each host, and nobody waits for their disk.
  const storeFile = join(controller.folder, 'farcall.db');
  const draft = join(mkdtempSync('/dev/shm/farcall-seed-'), 'farcall.db');
  copyFileSync(storeFile, draft);
  const { site } = readRootsFile(join(controller.folder, 'roots.json'));
  const key = readStoreKey(join(controller.folder, 'store.key'), site);
  const bob = { name: 'bob', key: readKeyFile(join(controller.folder, 'bob.key')) };
  const store = openStore(draft, { clock: systemClock, key, reportForged: () => undefined });
  try {
    for (const { name, labels, behaviour } of hosts) {
      const directory = join(folder, name);
      mkdirSync(directory, { mode: 0o700 });
      const hostKey = keyOf(name);
      const user = createUser();
      const { jwt } = await credentials.issue(name, user.getPublicKey());
      writeKeyFile(join(directory, 'host-key.json'), hostKey);
      const secret = (file: string, text: string): void =>
        writeFileSync(join(directory, file), text, { mode: 0o600 });
      secret('broker.seed', Buffer.from(user.getSeed()).toString());
      secret('broker.jwt', jwt);
      secret('trust.json', trust);
      secret(
        'agent.json',
        JSON.stringify({
          ...{ host: name, labels, stateDirectory: '.', logLevel: 'silent' },
          rootsFile: join(controller.folder, 'roots.json'),
          policyFile: join(folder, behaviour === 'refusing' ? 'refusing.json' : 'policy.json'),
          nats: {
            ...{ servers: [nats.url], caFile: nats.caFile },
            ...{ nkeySeedFile: 'broker.seed', credentialFile: 'broker.jwt' },
          },
        }),
      );
      const at = { nowMs: systemClock.nowMs(), site };
      const enrolment = await newEnrolmentOf(bob, { id: `seed-${name}`, host: name, labels, ...at });
      await store.enrolments.create({ ...enrolment, proof: { ...enrolment.proof, trustVersion: 1 } });
      const keys = await hostKeysBy({ name, key: hostKey }, enrolment.secret, { ...at, nkey: user });
      await store.enrolments.redeem(keys);
    }
  } finally {
    await store.close();
    copyFileSync(draft, storeFile);
    rmSync(dirname(draft), { recursive: true });
  }
}
