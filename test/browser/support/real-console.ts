import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beginSession, type ListeningConsole, startConsole } from '../../../controller/console/index.ts';
import { receiveHello } from '../../../controller/gather/index.ts';
import { openStore } from '../../../controller/store/index.ts';
import { freePort } from '../../../deploy/demo/service.ts';
import { planEnvelopeCodec } from '../../../shared/messages/index.ts';
import { allHostsSubject, hostSubject, toHostSubject } from '../../../shared/subjects/index.ts';
import { type PasskeyJwk, passkeyJwkSchema, sha256 } from '../../../shared/tokens/index.ts';
import { bundleAt, entryOf, KEYS, type Member } from '../../kit/cast.ts';
import { consoleDepsOf } from '../../kit/console-deps-kit.ts';
import { type ControllerParts, enrolAll, partsOn, type TestClock } from '../../kit/controller-kit.ts';
import { computeNkeysFast } from '../../kit/fleet/fast-nkeys.ts';
import { helloOf, planOf } from '../../kit/host-statements.ts';
import { packTypes, smallTypes } from '../../kit/kernel-types-kit.ts';
import { storeParts } from '../../kit/store-kit.ts';
import { type FleetHost, KERNELS, planReplyOf } from './fleet-of-hosts.ts';
import type { Visitor } from './visitor.ts';

const DIST = fileURLToPath(new URL('../../../dist/console/', import.meta.url));
const DAY_MS = 24 * 3_600_000;

/** The passkey of bob, in the trust bundle and for the browsers of these tests. */
interface BobsPasskey {
  readonly publicJwk: PasskeyJwk;
  readonly privateKey: KeyObject;
}

/**
 * The real console of a real controller on a store in memory. Only the hosts are stand-ins: they sign hellos,
 * plans and results with keys of their own, and these come in as from a broker.
 */
export interface RealConsole {
  readonly origin: string;
  readonly parts: ControllerParts;
  readonly hosts: readonly FleetHost[];
  /** Goes with the time, and can be put forward. */
  readonly clock: TestClock;
  /** Further hosts are enrolled and say hello. */
  add(hosts: readonly FleetHost[]): Promise<void>;
  /** A host says hello again, with other facts. */
  says(host: FleetHost, facts: FleetHost['facts']): Promise<void>;
  /** Signs a member of the cast in, as `farcall console` does in the end. */
  signIn(visitor: Visitor, person?: Member): Promise<void>;
  /** Ends every session. */
  endSessions(): Promise<void>;
  /** Gives the browser of `page` the passkey of bob; `isVerified` false: bob cancels each question. */
  plugIn(page: Page, options?: { readonly isVerified?: boolean }): Promise<void>;
  /** The controller is away: every stream ends, and nobody listens. */
  stopListening(): Promise<void>;
  listenAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a console before `hosts`, who have said hello. */
export async function startRealConsole(hosts: readonly FleetHost[]): Promise<RealConsole> {
  computeNkeysFast();
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const clock = movingClock();
  const passkey = newPasskeyFor(origin);
  const parts = partsOn(openStore(':memory:', storeParts(clock)), clock, bundleWith(passkey, clock.nowMs()));
  const all: FleetHost[] = [];
  answerPlans(parts, all);
  for (const { release, version, arch } of KERNELS.slice(0, -1))
    await keepTypes(parts, { release, version, arch });
  const config = {
    ...{ listen: `127.0.0.1:${port}`, origin },
    ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
  };
  const deps = { ...consoleDepsOf(parts), config, tls: undefined, assets: DIST, oidc: undefined };
  const sessions = new Set<string>();
  let page: ListeningConsole | undefined;
  const real: RealConsole = {
    ...{ origin, parts, clock, hosts: all },
    async add(more) {
      await enrolAll(
        parts,
        more.map(({ identity }) => identity),
      );
      for (const host of more) await real.says(host, host.facts);
      all.push(...more);
    },
    async says({ identity }, facts) {
      const bytes = await helloOf(identity, clock.nowMs(), facts);
      await receiveHello(parts, { host: identity.name, bytes });
    },
    async signIn(visitor, person = 'bob') {
      const subject = { person, kid: KEYS[person].kid, signInMethod: 'operator-key' } as const;
      const { secret, signedIn } = await beginSession(deps, subject);
      sessions.add(signedIn.session.id);
      await visitor.page.context().addCookies([{ name: 'farcall', value: secret, url: origin }]);
    },
    async endSessions() {
      for (const id of sessions) await parts.consoles.end(id);
    },
    plugIn: (visited, { isVerified = true } = {}) => plugIn(visited, passkey, isVerified),
    async stopListening() {
      await page?.close();
    },
    async listenAgain() {
      page = await startConsole(deps);
    },
    async stop() {
      await page?.close();
      await parts.store.close();
    },
  };
  await real.add(hosts);
  await real.listenAgain();
  return real;
}

function movingClock(): TestClock {
  let aheadMs = 0;
  return {
    nowMs: () => Date.now() + aheadMs,
    advance(byMs) {
      aheadMs += byMs;
    },
  };
}

/** The bundle of the cast, which expires soon, with a passkey of bob, a team and a scope. */
function bundleWith({ publicJwk }: BobsPasskey, nowMs: number) {
  const bob = { ...entryOf('bob'), keys: [KEYS.bob.publicJwk, publicJwk] };
  return bundleAt(nowMs, {
    expiresAtMs: nowMs + 9 * DAY_MS,
    requesters: [entryOf('alice'), bob],
    approvers: [bob, entryOf('carol')],
    teams: [{ name: 'kernel', members: ['bob', 'carol'] }],
    scopes: [{ may: 'request', person: 'alice', effects: ['read', 'call', 'write'], hosts: 'role!=none' }],
  });
}

function newPasskeyFor(origin: string): BobsPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32).toString('base64url');
  const passkey = { credentialId, rpId: new URL(origin).hostname, origins: [origin] };
  const publicJwk = passkeyJwkSchema.parse({ ...publicKey.export({ format: 'jwk' }), passkey });
  return { publicJwk, privateKey };
}

/** A simulated security key with the passkey of bob, as in Chromium's developer tools. */
async function plugIn(
  page: Page,
  { publicJwk, privateKey }: BobsPasskey,
  isVerified: boolean,
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: isVerified, automaticPresenceSimulation: true },
    },
  });
  const { credentialId, rpId } = publicJwk.passkey;
  await session.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: Buffer.from(credentialId, 'base64url').toString('base64'),
      ...{
        isResidentCredential: true,
        rpId,
        signCount: 0,
        userHandle: Buffer.from('bob').toString('base64'),
      },
      privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    },
  });
}

/** Has each host that is asked for a plan answer at once, as its kernel would. */
function answerPlans({ bus, clock }: ControllerParts, hosts: readonly FleetHost[]): void {
  const publish = bus.publish.bind(bus);
  bus.publish = async (subject, bytes) => {
    await publish(subject, bytes);
    const host = hosts.find(({ identity }) => subject === toHostSubject(identity.name, 'plan'));
    if (!host) return;
    const { query } = planEnvelopeCodec.decode(bytes);
    const reply = await planOf(host.identity, query, clock.nowMs(), planReplyOf(host));
    const message = { subject: hostSubject(host.identity.name, 'plan'), bytes: reply, replyTo: undefined };
    setImmediate(() => void bus.deliver(allHostsSubject('plan'), message));
  };
}

async function keepTypes(
  { kernelTypes }: ControllerParts,
  build: { readonly release: string; readonly version: string; readonly arch: string },
): Promise<void> {
  const packed = packTypes(smallTypes(build));
  await kernelTypes.keep({ ...build, packed, digest: sha256(packed), functions: 6, host: 'web-0000' });
}
