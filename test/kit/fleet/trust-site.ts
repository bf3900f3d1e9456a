import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callRequestCodec, orderEnvelopeCodec, type SignedBundle } from '../../../shared/messages/index.ts';
import { ORDERS_SUBJECT, TRUST_SUBJECT } from '../../../shared/subjects/index.ts';
import { WHOLE } from '../../../shared/targets/index.ts';
import { digestText, readKeyFile, sha256 } from '../../../shared/tokens/index.ts';
import { readBundleFile } from '../../../shared/trust/index.ts';
import { tokenOf } from '../cast.ts';
import { approvalOf, requestOf, requestTokenOf } from '../decisions.ts';
import type { ControllerFixture } from './controller-process.ts';
import type { NatsServer } from './nats-server.ts';

/** What the tests do with the trust bundles of a running controller; everything by the real command line. */
export interface TrustSite {
  /** File of version `version`; version 1 is the fixture's own. */
  fileOf(version: number): string;
  signedBundle(version: number): SignedBundle;
  /** Makes a key, as PEOPLE have them in the fixture; returns NAME=FILE for `farcall trust`. */
  newKey(name: string, file?: string): Promise<string>;
  /** Makes version `version` from the one before: each edit is `add …` or `remove …`; these roots sign it. */
  make(version: number, edits: readonly (readonly string[])[], roots: readonly string[]): Promise<void>;
  publish(version: number): Promise<void>;
  /** `farcall` as somebody; it must end with 0. */
  must(who: string, ...args: string[]): Promise<string>;
}

/** The bundles of `controller`. */
export function trustSite(controller: ControllerFixture): TrustSite {
  const at = (name: string): string => join(controller.folder, name);
  const fileOf = (version: number): string => at(version === 1 ? 'trust.json' : `trust-${version}.json`);
  const must = async (who: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await controller.farcallHere(who, args);
    if (code === 0) return stdout;
    throw new Error(`farcall ${args.join(' ')} ended with ${code}: ${stderr}`);
  };
  return {
    fileOf,
    must,
    signedBundle: version => readBundleFile(fileOf(version)).signed,
    async newKey(name, file = name) {
      writeFileSync(
        at(`${file}.pub`),
        await must(name, 'key', 'new', '--name', name, '--out', at(`${file}.key`)),
      );
      return `${name}=${at(`${file}.pub`)}`;
    },
    async make(version, edits, roots) {
      const [file, current] = [fileOf(version), fileOf(version - 1)];
      for (const [index, [verb = '', ...options]] of edits.entries())
        await must('rob', 'trust', verb, index === 0 ? current : file, ...options, '--out', file);
      const { digest } = JSON.parse(await must('rob', 'trust', 'show', file, '--json'));
      for (const root of roots) {
        const key = ['--key', at(`${root}.key`), '--yes', digest];
        await must('rob', 'trust', 'sign', file, '--current', current, ...key);
      }
    },
    publish: async version => void (await must('rob', 'trust', 'publish', fileOf(version))),
  };
}

/** What somebody can do who owns the broker, and the controller's key where `sendOrder` is called. */
export interface HostileBroker {
  announce(bytes: Uint8Array): Promise<void>;
  /** An order of our own making: by the controller's key, with approvals by these people's real keys. */
  sendOrder(order: { by: string; approvers: readonly string[]; trustVersion: number }): Promise<string>;
  close(): Promise<void>;
}

/** Connects to the broker as a user who may do everything there. */
export async function hostileBroker(
  nats: NatsServer,
  { folder, site }: ControllerFixture,
): Promise<HostileBroker> {
  const connection = await nats.connect(await nats.ownerLogin());
  const key = (name: string) => readKeyFile(join(folder, `${name}.key`));
  const send = async (subject: string, bytes: Uint8Array): Promise<void> => {
    connection.publish(subject, bytes);
    await connection.flush();
  };
  let orders = 0;
  return {
    announce: bytes => send(TRUST_SUBJECT, bytes),
    async sendOrder({ by, approvers, trustVersion }) {
      const nowMs = Date.now();
      const iat = Math.floor(nowMs / 1000);
      const id = `forged${orders++}`;
      const request = callRequestCodec.encode(requestOf({ id, site, selector: '*', createdAtMs: nowMs }));
      const times = { site, iat, exp: iat + 3600, req: digestText(sha256(request)) };
      const approvals = approvers.map(name => approvalOf({ name, key: key(name) }, request, { site, nowMs }));
      const claims = { ...times, nbf: iat, attempt: 1, trustVersion, wave: 1, slice: WHOLE };
      const order = await tokenOf('order', { iss: 'ctl-1', jti: `jti-${id}`, ...claims }, key(by));
      const requestToken = await requestTokenOf({ name: 'alice', key: key('alice') }, request, {
        site,
        nowMs,
      });
      const envelope = {
        request,
        approvals: await Promise.all(approvals),
        withdrawals: [],
        order,
        requestToken,
      };
      await send(ORDERS_SUBJECT, orderEnvelopeCodec.encode(envelope));
      return id;
    },
    close: () => connection.close(),
  };
}

/** Members of the controller's configuration, changed for its next start. */
export function changeConfig({ folder }: ControllerFixture, changes: Record<string, unknown>): void {
  const file = join(folder, 'controller.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
}
