import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { FarcallError } from '../../../shared/errors/index.ts';
import { readSecretText } from '../../../shared/files/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import type { MacTableName, Schema, TableMacsTable } from '../schema/index.ts';

/**
 * The keys of a store's MACs: one for rows, one for tables. Neither is in the database. They are key objects,
 * because node:crypto takes four times as long for a MAC by a key of plain bytes.
 */
export interface StoreKey {
  readonly site: string;
  readonly rows: KeyObject;
  readonly tables: KeyObject;
}

/** Length of the secret in a store key file. */
const SECRET_BYTES = 32;

/**
 * The keys of the MACs of `site`, by HKDF-SHA-256 (RFC 5869) from one secret of 32 bytes. Each use has a key
 * of its own, so that no MAC can stand for another one.
 */
export function storeKey(secret: Uint8Array, site: string): StoreKey {
  const derive = (use: string): KeyObject =>
    createSecretKey(
      new Uint8Array(hkdfSync('sha256', secret, Buffer.from(site, 'utf8'), `farcall store: ${use}`, 32)),
    );
  return { site, rows: derive('rows'), tables: derive('tables') };
}

/**
 * The store key of `site` from the secret in the file `path`: 32 bytes in base64url, 0600. Throws
 * FILE_UNREADABLE.
 */
export function readStoreKey(path: string, site: string): StoreKey {
  const text = readSecretText(path, 'store key');
  const secret = Buffer.from(text, 'base64url');
  if (secret.length === SECRET_BYTES && secret.toString('base64url') === text) return storeKey(secret, site);
  throw new FarcallError('FILE_UNREADABLE', `the store key ${path} is not 32 bytes in base64url`);
}

/** A new secret for the file of a store key. */
export function newStoreSecret(): string {
  return `${randomBytes(SECRET_BYTES).toString('base64url')}\n`;
}

/** A row without its MAC. */
export type Unsigned<Row> = Omit<Row, 'mac'>;

/**
 * The SHA-256 of a column of bytes, in the place of the bytes: {@link rowMac} is the same, and the bytes need
 * not be read.
 */
export class BytesDigest {
  readonly digest: Uint8Array;

  constructor(digest: Uint8Array) {
    this.digest = digest;
  }
}

/**
 * The MAC of a row: HMAC-SHA-256 over the site, the table, and every column with its name.
 *
 * Threat: somebody who can write to the database, and has no key, inserts a session and is bob; or moves a
 * row of their own to another table, another site or another key. Columns are named and typed, so that no
 * two rows have the same text.
 */
export function rowMac(
  { rows, site }: StoreKey,
  table: MacTableName,
  row: Readonly<Record<string, unknown>>,
): Uint8Array {
  const columns = Object.keys(row)
    .filter(name => name !== 'mac')
    .sort();
  const content = [site, table, ...columns.map(name => [name, macValue(row[name])])];
  return hmac(rows, JSON.stringify(content));
}

function macValue(value: unknown): unknown {
  if (value instanceof BytesDigest) return { sha256: Buffer.from(value.digest).toString('hex') };
  if (value instanceof Uint8Array) return { sha256: Buffer.from(sha256(value)).toString('hex') };
  return value;
}

/** The MAC of a table: over the site, its name, how many rows it has, and the sum of their MACs. */
export function tableMac(
  { tables, site }: StoreKey,
  { name, row_count, sum }: Unsigned<TableMacsTable>,
): Uint8Array {
  return hmac(tables, JSON.stringify([site, name, row_count, Buffer.from(sum).toString('hex')]));
}

/** Whether two MACs are the same; takes the same time wherever they differ. */
export function isSameMac(mac: Uint8Array, other: Uint8Array): boolean {
  return mac.length === other.length && timingSafeEqual(mac, other);
}

/** The sum of no MACs. */
export const EMPTY_SUM: Uint8Array = new Uint8Array(SECRET_BYTES);

const MODULUS = 2n ** 256n;

/**
 * `sum` with the MACs `added` and without the MACs `removed`, modulo 2^256. A sum of MACs is the same in
 * whatever order rows come and go, and nobody without the key finds other rows with that sum (MSet-Add-Hash;
 * Clarke and others, Incremental Multiset Hash Functions, ASIACRYPT 2003).
 */
export function movedSum(
  sum: Uint8Array,
  { added, removed }: { readonly added: readonly Uint8Array[]; readonly removed: readonly Uint8Array[] },
): Uint8Array {
  let value = numberOf(sum);
  for (const mac of added) value += numberOf(mac);
  for (const mac of removed) value -= numberOf(mac);
  const hex = (((value % MODULUS) + MODULUS) % MODULUS).toString(16).padStart(64, '0');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
}

function hmac(key: KeyObject, text: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(text, 'utf8').digest());
}

/** Whether the MAC of `row` is right. */
export function hasOwnMac(key: StoreKey, table: MacTableName, row: Schema[MacTableName]): boolean {
  return isSameMac(row.mac, rowMac(key, table, row as unknown as Record<string, unknown>));
}
