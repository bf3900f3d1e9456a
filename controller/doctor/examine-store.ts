import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ends, examineDisk, type Finding, ok, unfit, warning } from '../../shared/doctor/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { keyId } from '../../shared/tokens/index.ts';
import type { PinnedRoots } from '../../shared/trust/index.ts';
import { newestBundle } from '../auditor/index.ts';
import { type ControllerConfig, storeLocation } from '../config/index.ts';
import { type AuditSource, isSameMac, openAuditSource, readStoreKey, tableMac } from '../store/index.ts';

/** A store grows by some hundred bytes for each result; with less room, a wave may not end. */
const LEAST_FREE_MIB = 256;
const SOON_MS = 14 * 86_400_000;

/** What a store is examined with. */
export interface StoreSources {
  readonly config: ControllerConfig;
  readonly roots: PinnedRoots;
  /** The id of the controller's key; undefined where it is not known. */
  readonly kid: string | undefined;
  readonly nowMs: number;
}

/**
 * The store: that it opens with this version of farcall and this key, that its disk has room, how long the
 * audit log is, and which trust bundle is in force. It reads only, also while controllers run on it.
 */
export async function examineStore(sources: StoreSources): Promise<readonly Finding[]> {
  const { store } = sources.config;
  const rooms = 'sqlite' in store ? [disk(store.sqlite)] : [];
  if ('sqlite' in store && !existsSync(store.sqlite))
    return [
      warning('store', `there is no ${store.sqlite} yet`, 'the controller makes it when it starts'),
      ...rooms,
    ];
  try {
    const source = await openAuditSource(storeLocation(store));
    try {
      return [await opened(source, sources), await head(source), ...rooms, ...(await trust(source, sources))];
    } finally {
      await source.close();
    }
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return [unfit('store', `${message} [${code}]`, 'see the runbook: the store'), ...rooms];
  }
}

function disk(path: string): Finding {
  return examineDisk({
    ...{ folder: dirname(path), use: 'the store', leastMib: LEAST_FREE_MIB },
    ...{
      remedy: 'make room: when the disk is full, nothing can be written',
      maker: 'farcall-controller setup',
    },
  });
}

async function opened(source: AuditSource, { config, roots }: StoreSources): Promise<Finding> {
  const where = 'sqlite' in config.store ? config.store.sqlite : config.store.postgres.host;
  const key = readStoreKey(config.storeKeyFile, roots.site);
  let tables = 0;
  let known = 0;
  for await (const table of source.rows('table_macs')) {
    tables += 1;
    if (isSameMac(table.mac, tableMac(key, table))) known += 1;
  }
  if (tables > 0 && known === 0)
    return unfit(
      'store',
      `${where} was begun with another store key than ${config.storeKeyFile}, or for another site`,
      'bring back the file with the store key',
    );
  return ok('store', `${where}: it opens, and has the schema of this farcall`);
}

/** The entries of the log are numbered from 1 without gaps, so the last one is found by halving. */
async function head(source: AuditSource): Promise<Finding> {
  let beyond = 1;
  while (await source.hashAt(beyond)) beyond *= 2;
  let last = Math.floor(beyond / 2);
  while (beyond - last > 1) {
    const middle = Math.floor((last + beyond) / 2);
    if (await source.hashAt(middle)) last = middle;
    else beyond = middle;
  }
  const hash = await source.hashAt(last);
  if (!hash) return ok('audit', 'the audit log has no entry yet');
  return ok(
    'audit',
    `the audit log has ${last} entries, and its head is ${Buffer.from(hash).toString('hex')}`,
  );
}

async function trust(
  source: AuditSource,
  { config, roots, kid, nowMs }: StoreSources,
): Promise<readonly Finding[]> {
  const bundle = await newestBundle(source, roots);
  if (!bundle)
    return [
      warning('trust', 'there is no trust bundle that the roots signed', 'farcall trust publish BUNDLE'),
    ];
  const end = {
    ...{ endsAtMs: bundle.expiresAtMs, nowMs, soonMs: SOON_MS },
    soon: 'have the roots sign the next one: farcall trust edit',
    over: 'nothing can be ordered: have the roots sign the next one, and publish it',
  };
  const inForce = ends('trust', `the trust bundle ${bundle.version}`, end);
  const own = bundle.controllers.find(({ name }) => name === config.name);
  const isListed = kid === undefined || own?.keys.some(key => keyId(key) === kid);
  if (own && isListed) return [inForce];
  const what = own ? `another key of ${config.name} than ${kid}` : `no controller ${config.name}`;
  return [
    inForce,
    unfit(
      'trust',
      `the trust bundle ${bundle.version} lists ${what}`,
      'have the roots sign a bundle with it: farcall trust add controller',
    ),
  ];
}
