import { setTimeout as sleep } from 'node:timers/promises';
import { encodeAccount } from '@nats-io/jwt';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { accountClaims, pairOf } from './broker-keys.ts';
import { quickSigner } from './quick-signer.ts';

const controlSchema = z.strictObject({
  account: z.string().regex(/^A[A-Z2-7]{55}$/, 'a public nkey of an account'),
  hosts: z.string().regex(/^A[A-Z2-7]{55}$/, 'the public nkey that signs credentials of hosts'),
  signer: z.string().regex(/^SO[A-Z2-7]{56}$/, 'the seed of an operator signing key'),
  credentials: z.string().min(1),
});

/**
 * Content of the file by which a controller takes logins off the broker: the account of the site, the public
 * key that signs hosts' credentials, the seed that signs the account's claims, and the login for that.
 */
export type BrokerControl = z.infer<typeof controlSchema>;

/** Logins to refuse: public nkeys of users, and the moment until which their credentials were issued. */
export type RevokedLogins = ReadonlyMap<string, number>;

/**
 * How long a login is refused because its host floods, in seconds. Such a suspension is a revocation whose
 * moment lies ahead: it ends by itself, and needs no record but the broker's.
 */
export const SUSPENSION_S = 600;

/** A suspension may end this much too early: what lies less ahead may come from the clock of a controller. */
const SUSPENSION_END_S = 60;

/** Most suspensions at a time; they leave room for logins of locked and removed hosts. */
export const SUSPENDED_LIMIT = 1000;

/** Publishes on a subject of the broker's system account and returns the reply. Throws UNREACHABLE. */
export type SystemRequest = (subject: string, bytes: Uint8Array) => Promise<Uint8Array>;

/** Runs `work` with a login of the system account. */
export type WithSystemAccount = <T>(work: (request: SystemRequest) => Promise<T>) => Promise<T>;

/** Those of `logins`, which the broker refuses and nothing wants refused, that it may accept again. */
export type LetBack = (logins: RevokedLogins) => Promise<ReadonlySet<string>>;

/** Decides which logins the broker accepts. */
export interface BrokerLogins {
  /**
   * Makes the broker refuse these logins and those that some controller has suspended, and end the
   * connections that use them. Of the other logins that it refuses, those stay refused that `letBack` does
   * not name. Returns whether the broker did not know that yet. Throws UNREACHABLE.
   */
  enforce(revoked: RevokedLogins, letBack: LetBack): Promise<boolean>;
}

/** Most logins that the broker can be told to refuse: their list must fit into one of its messages. */
export const REVOKED_LIMIT = 8000;

/** The control in the JSON `text` of the file `origin`. Throws CONFIG_INVALID quoting nothing of it. */
export function parseBrokerControl(text: string, origin: string): BrokerControl {
  try {
    return controlSchema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped because parsers quote what they read, and this has a seed in it.
    throw new FarcallError('CONFIG_INVALID', `${origin} is not as farcall-controller init writes it`);
  }
}

/**
 * Takes logins off the broker by the revocations in the claims of the site's account, which the broker's
 * resolver takes while it runs (nats-server 2.9 and later, resolver of type full).
 *
 * Threat: the credential of a host or controller was stolen, or a host was removed, and the credential is
 * good for days. The broker ends connections whose user is in the account's revocations, and lets none in.
 * Somebody who has the file of this control can undo that, and give logins any rights; they can do at the
 * broker what its owner can.
 */
export function brokerLogins(control: BrokerControl, withSystemAccount: WithSystemAccount): BrokerLogins {
  const { account, hosts, signer } = control;
  return {
    enforce: (revoked, letBack) =>
      withSystemAccount(async request => {
        const lookup = `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;
        const stored = storedClaims(await request(lookup, new Uint8Array()));
        const suspended = suspensions(stored.revocations, Date.now() / 1000);
        const known = { ...Object.fromEntries(suspended), ...Object.fromEntries(revoked) };
        const others = Object.entries(stored.revocations).filter(([nkey]) => !Object.hasOwn(known, nkey));
        const back = others.length === 0 ? new Set<string>() : await letBack(new Map(others));
        const kept = others.filter(([nkey]) => !back.has(nkey));
        const wanted = sorted({ ...Object.fromEntries(kept), ...known });
        if (JSON.stringify(stored.revocations) === JSON.stringify(wanted)) return false;
        if (revoked.size > REVOKED_LIMIT)
          throw new FarcallError(
            'CONFLICT',
            `${revoked.size} logins are more than the broker can be told to refuse`,
          );
        await afterSecond(stored.iat);
        const claims = { ...accountClaims(hosts), revocations: wanted };
        const jwt = await encodeAccount('farcall', account, claims, { signer: quickSigner(pairOf(signer)) });
        checkReply(await request('$SYS.REQ.CLAIMS.UPDATE', Buffer.from(jwt, 'utf8')));
        return true;
      }),
  };
}

type Revocations = Readonly<Record<string, number>>;

/** Those that this or another controller has suspended, and whose time is not over; at most 1,000. */
function suspensions(revocations: Revocations, nowS: number): (readonly [string, number])[] {
  return Object.entries(revocations)
    .filter(([, untilS]) => untilS > nowS + SUSPENSION_END_S && untilS <= nowS + 2 * SUSPENSION_S)
    .slice(0, SUSPENDED_LIMIT);
}

function sorted(revocations: Revocations): Record<string, number> {
  return Object.fromEntries(Object.entries(revocations).sort(([one], [other]) => (one < other ? -1 : 1)));
}

const storedSchema = z.object({
  iat: z.number(),
  nats: z.object({ revocations: z.record(z.string(), z.number()).optional() }),
});

/**
 * When the account JWT that the broker has was issued, and its revocations. Throws UNREACHABLE without one.
 */
function storedClaims(jwt: Uint8Array): { iat: number; revocations: Revocations } {
  try {
    const payload = Buffer.from(jwt).toString('utf8').split('.')[1] ?? '';
    const { iat, nats } = storedSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return { iat, revocations: sorted(nats.revocations ?? {}) };
  } catch (cause) {
    throw new FarcallError('UNREACHABLE', "the broker does not show the claims of the site's account", {
      cause,
    });
  }
}

/**
 * Waits until the second `iat` is over, if it is the present one. A broker that starts takes the claims of
 * its configuration unless the stored ones were issued in a later second (nats-server 2.9, dirstore.go), so
 * claims that are issued in the second in which the site was made would be lost at its next start.
 */
async function afterSecond(iat: number): Promise<void> {
  const overMs = Math.min((iat + 1) * 1000, Date.now() + 1000);
  // A timer of Node can end some milliseconds early.
  while (Date.now() < overMs) await sleep(overMs - Date.now());
}

const replySchema = z.object({ error: z.object({ description: z.string() }).optional() });

function checkReply(bytes: Uint8Array): void {
  const { error } = replySchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (error)
    throw new FarcallError(
      'UNREACHABLE',
      `the broker does not take the account's claims: ${error.description}`,
    );
}
