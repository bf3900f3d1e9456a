import type { Change, PlainTransaction } from '../core/index.ts';
import type { HostContactsTable } from '../schema/index.ts';
import type { MacReader } from './host-keys.ts';

/**
 * Remembers that these hosts were heard of at `atMs`; returns those that ever said hello. At most 1000 hosts
 * at a time.
 */
export async function touchHosts(
  { trx, macs }: Pick<PlainTransaction, 'trx' | 'macs'>,
  hosts: readonly string[],
  atMs: number,
): Promise<ReadonlySet<string>> {
  return macs.edit(trx, 'host_contacts', async edit => {
    const stored = await trx.selectFrom('host_contacts').selectAll().where('host', 'in', hosts).execute();
    const before = macs.genuine('host_contacts', stored);
    const signedAtS = new Map(before.map(row => [row.host, row.facts_signed_at_s]));
    for (const [host, iat] of await signedAtByFacts({ trx, macs }, hosts, signedAtS))
      signedAtS.set(host, iat);
    const after = [...signedAtS].map(([host, facts_signed_at_s]) =>
      macs.sign('host_contacts', { host, last_seen_ms: atMs, facts_signed_at_s }),
    );
    await writeContacts({ trx }, after);
    edit.removed(...before);
    edit.added(...after);
    return new Set(signedAtS.keys());
  });
}

/**
 * Hosts that said hello and have no genuine contact: theirs was removed or forged. Their facts count as
 * signed when their stored token says.
 */
async function signedAtByFacts(
  { trx }: MacReader,
  hosts: readonly string[],
  known: ReadonlyMap<string, number>,
): Promise<readonly (readonly [string, number])[]> {
  const missing = hosts.filter(host => !known.has(host));
  if (missing.length === 0) return [];
  const rows = await trx
    .selectFrom('hosts')
    .select(['name', 'facts_signature'])
    .where('name', 'in', missing)
    .execute();
  return rows.map(({ name, facts_signature }) => [name, issuedAtS(facts_signature) ?? 0]);
}

/** When the newest facts of a host were signed that were ever taken from it; 0 if there are none. */
export async function factsSignedAtS(
  { trx, macs }: MacReader,
  { name, facts_signature }: { readonly name: string; readonly facts_signature: string },
): Promise<number> {
  const stored = await trx
    .selectFrom('host_contacts')
    .selectAll()
    .where('host', '=', name)
    .executeTakeFirst();
  const contact = macs.genuineRow('host_contacts', stored);
  return Math.max(contact?.facts_signed_at_s ?? 0, issuedAtS(facts_signature) ?? 0);
}

/** Keeps when a host was heard of, and when it signed the facts that it said then. */
export async function setContact(
  { trx, macs, nowMs }: Change,
  host: string,
  facts_signed_at_s: number,
): Promise<void> {
  const after = macs.sign('host_contacts', { host, last_seen_ms: nowMs, facts_signed_at_s });
  await macs.edit(trx, 'host_contacts', async edit => {
    const gone = await trx.deleteFrom('host_contacts').where('host', '=', host).returningAll().execute();
    await trx.insertInto('host_contacts').values(after).execute();
    edit.removed(...gone);
    edit.added(after);
  });
}

async function writeContacts(
  { trx }: Pick<PlainTransaction, 'trx'>,
  rows: readonly HostContactsTable[],
): Promise<void> {
  if (rows.length === 0) return;
  await trx
    .insertInto('host_contacts')
    .values(rows)
    .onConflict(conflict =>
      conflict.column('host').doUpdateSet(({ ref }) => ({
        last_seen_ms: ref('excluded.last_seen_ms'),
        facts_signed_at_s: ref('excluded.facts_signed_at_s'),
        mac: ref('excluded.mac'),
      })),
    )
    .execute();
}

/** `iat` of a token that was verified when it came; undefined if it has none. */
export function issuedAtS(token: string): number | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const iat = (payload as { iat?: unknown } | null)?.iat;
    return typeof iat === 'number' ? iat : undefined;
  } catch {
    return undefined;
  }
}
