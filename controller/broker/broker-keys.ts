import {
  type Account,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  newScopedSigner,
  parseCreds,
  type User,
} from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { FarcallError } from '../../shared/errors/index.ts';
import { HOST_PAYLOAD_BYTES } from '../../shared/limits/index.ts';
import type { BrokerControl } from './broker-control.ts';
import { CONTROLLER_PERMISSIONS, HOST_TEMPLATE } from './permissions.ts';

/**
 * The seeds of a site's broker. Operator and account are needed only to make or renew a site, and belong off
 * line.
 */
export interface BrokerSeeds {
  readonly operator: string;
  readonly account: string;
  /** Signs the credentials of hosts; the controller's. */
  readonly hosts: string;
  /** Signs the claims of the site's account in the operator's place; the controller's. */
  readonly claims: string;
  /** The broker's system account, in which claims are changed. */
  readonly system: string;
}

/** The public keys of a site that stand in the broker's configuration. */
export interface BrokerTrust {
  readonly operatorJwt: string;
  readonly accountId: string;
  readonly accountJwt: string;
  readonly systemId: string;
  readonly systemJwt: string;
}

/** No limit, as NATS JWTs write it. */
const NO_LIMIT = -1;

/** As many hosts as there are; nothing that farcall does not use. */
const ACCOUNT_LIMITS = {
  ...{ subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT, conn: NO_LIMIT },
  ...{ imports: 0, exports: 0, wildcards: false, leaf: 0, disallow_bearer: true },
};

/** Of the system account; the broker itself uses it too. */
const SYSTEM_LIMITS = { subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT, conn: NO_LIMIT };

/** The broker refuses messages above this, in bytes. */
export const BROKER_PAYLOAD_BYTES = 1 << 20;

/**
 * Subscriptions that one host may have; an agent has a handful.
 *
 * Threat: a host that was taken over fills the broker. NATS limits the subscriptions of a login and the size
 * of its messages, and has no limit on how many it sends (`data` in a user JWT is not enforced, and Debian's
 * 2.9 knows no rate); so controllers count those ({@link HOST_BUDGETS} of shared/limits).
 */
const HOST_SUBSCRIPTIONS = 32;

/** New seeds from the machine's random source. */
export function newBrokerSeeds(): BrokerSeeds {
  const [operator, claims] = [createOperator(), createOperator()];
  const [account, hosts, system] = [createAccount(), createAccount(), createAccount()];
  return {
    ...{ operator: seedOf(operator), claims: seedOf(claims) },
    ...{ account: seedOf(account), hosts: seedOf(hosts), system: seedOf(system) },
  };
}

/**
 * The JWTs with which a broker starts; they do not expire, since anyone who can change one has the key
 * anyway. A controller replaces the account's while the broker runs, to take logins off it.
 */
export async function brokerTrust(seeds: BrokerSeeds): Promise<BrokerTrust> {
  const operator = pairOf(seeds.operator);
  const account = pairOf(seeds.account);
  const system = pairOf(seeds.system);
  const [signing_keys, system_account] = [[publicNkeyOf(seeds.claims)], system.getPublicKey()];
  return {
    operatorJwt: await encodeOperator('farcall', operator, { signing_keys, system_account }),
    accountId: account.getPublicKey(),
    accountJwt: await encodeAccount('farcall', account, accountClaims(publicNkeyOf(seeds.hosts)), {
      signer: operator,
    }),
    systemId: system_account,
    systemJwt: await encodeAccount('farcall-system', system, { limits: SYSTEM_LIMITS }, { signer: operator }),
  };
}

/** The claims of the site's account, in which the key `hosts` signs the credentials of hosts. */
export function accountClaims(hosts: string): Partial<Account> {
  const signer = newScopedSigner(hosts, 'host', {
    ...HOST_TEMPLATE,
    subs: HOST_SUBSCRIPTIONS,
    data: NO_LIMIT,
    payload: HOST_PAYLOAD_BYTES,
    allowed_connection_types: ['STANDARD'],
  });
  return { signing_keys: [signer], limits: ACCOUNT_LIMITS };
}

/**
 * Content of the credentials file of controller `name`, good until `expiresAtMs`: JWT and seed together, as
 * every NATS tool reads it.
 */
export async function controllerCredentials(
  name: string,
  { account }: BrokerSeeds,
  expiresAtMs: number,
): Promise<string> {
  const user = createUser();
  const limits = { subs: NO_LIMIT, data: NO_LIMIT, payload: BROKER_PAYLOAD_BYTES };
  const jwt = await encodeUser(
    name,
    user,
    pairOf(account),
    { ...CONTROLLER_PERMISSIONS, ...limits, allowed_connection_types: ['STANDARD'] },
    { exp: Math.floor(expiresAtMs / 1000) },
  );
  return Buffer.from(fmtCreds(jwt, user)).toString('utf8');
}

/**
 * Content of the file by which the controller `name` takes logins off the broker, good until `expiresAtMs`.
 * Its login may change the claims of accounts and read those of this one, and nothing else.
 */
export async function brokerControlFile(
  name: string,
  seeds: BrokerSeeds,
  expiresAtMs: number,
): Promise<BrokerControl> {
  const user = createUser();
  const account = publicNkeyOf(seeds.account);
  const lookup = `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;
  const permissions: Partial<User> = {
    ...{ pub: { allow: ['$SYS.REQ.CLAIMS.UPDATE', lookup] }, sub: { allow: ['_INBOX.>'] } },
    ...{ subs: NO_LIMIT, data: NO_LIMIT, payload: BROKER_PAYLOAD_BYTES },
    allowed_connection_types: ['STANDARD'],
  };
  const exp = Math.floor(expiresAtMs / 1000);
  const jwt = await encodeUser(name, user, pairOf(seeds.system), permissions, { exp });
  const credentials = Buffer.from(fmtCreds(jwt, user)).toString('utf8');
  return { account, hosts: publicNkeyOf(seeds.hosts), signer: seeds.claims, credentials };
}

/**
 * The public nkey of the user in the credentials file `origin` with the content `text`. Throws CONFIG_INVALID
 * quoting nothing of it.
 */
export async function nkeyOfCredentials(text: string, origin: string): Promise<string> {
  return (await userIn(text, origin)).sub;
}

async function userIn(text: string, origin: string) {
  try {
    // The library wants the line to end.
    const { uc } = await parseCreds(Buffer.from(`${text.trim()}\n`, 'utf8'));
    return uc;
  } catch {
    // The cause is dropped because parsers quote what they read, and this has a seed in it.
    throw new FarcallError('CONFIG_INVALID', `${origin} is not a NATS credentials file`);
  }
}

/** When the login in a NATS credentials file ends; undefined if it does not. Throws CONFIG_INVALID. */
export async function credentialsEndAtMs(text: string, origin: string): Promise<number | undefined> {
  const { exp } = (await userIn(text, origin)) as { readonly exp?: number };
  return exp === undefined ? undefined : exp * 1000;
}

/** Public key of the pair with `seed`. */
export function publicNkeyOf(seed: string): string {
  return pairOf(seed).getPublicKey();
}

/** The key pair with `seed`. Throws if that is not a seed. */
export function pairOf(seed: string): KeyPair {
  return fromSeed(Buffer.from(seed.trim(), 'ascii'));
}

function seedOf(pair: KeyPair): string {
  return Buffer.from(pair.getSeed()).toString('ascii');
}
