import { FarcallError } from '../../../shared/errors/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import type { KernelFactsTable } from '../schema/index.ts';

/** A module that was signed for one attempt on one host. Digests are hex. */
export interface ModuleSignature {
  readonly requestId: string;
  readonly host: string;
  readonly attempt: number;
  readonly orderId: string;
  /** SHA-256 of the unsigned module, and of the BuildFacts. */
  readonly image: string;
  readonly facts: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** The facts that one host reported about a build of a kernel. */
export interface StoredKernelFact {
  readonly build: string;
  readonly host: string;
  /** Value of each fact by its name. */
  readonly facts: ReadonlyMap<string, string>;
}

/** Signatures of modules, and what is known of the kernels that they are for. */
export interface ModuleSigningStore {
  /** Those that were made for this attempt on this host. */
  of(
    requestId: string,
    host: string,
    attempt: number,
  ): Promise<readonly { image: string; keyId: string; signature: Uint8Array }[]>;
  /**
   * Keeps a signature, and writes it to the audit log; one that is there already stays as it is. Throws
   * CONFLICT if the host does not owe an answer any more: then the signature must not leave the
   * controller.
   */
  add(signature: ModuleSignature): Promise<void>;
  /**
   * Compares the facts that a host reports with all that were reported for this build before, and keeps what
   * is new. Throws SIGNING_REFUSED, naming the first fact on which two hosts differ, and keeps nothing then.
   */
  agree(statement: StoredKernelFact): Promise<void>;
}

/** The part of the store about signatures of modules. */
export function moduleSigningStoreOn(database: Database): ModuleSigningStore {
  return {
    of: (requestId, host, attempt) =>
      database.read(async db => {
        const rows = await db
          .selectFrom('module_signatures')
          .select(['image', 'key_id', 'signature'])
          .where('request_id', '=', requestId)
          .where('host', '=', host)
          .where('attempt', '=', attempt)
          .execute();
        return rows.map(({ image, key_id, signature }) => ({ image, keyId: key_id, signature }));
      }),
    add: signature => database.change(change => add(change, signature)),
    agree: statement => database.change(change => agree(change, statement)),
  };
}

async function add(change: Change, made: ModuleSignature): Promise<void> {
  const { requestId, host, attempt, orderId, image, facts, keyId, signature } = made;
  const open = await change.trx
    .selectFrom('expected_hosts')
    .innerJoin('requests', 'requests.id', 'expected_hosts.request_id')
    .select('host')
    .where('request_id', '=', requestId)
    .where('host', '=', host)
    .where('outcome', 'is', null)
    .where('requests.state', '=', 'dispatched')
    .executeTakeFirst();
  if (!open) throw new FarcallError('CONFLICT', `${host} owes no answer to request ${requestId} any more`);
  const inserted = await change.trx
    .insertInto('module_signatures')
    .values({
      ...{ request_id: requestId, host, attempt, image, facts, key_id: keyId, signature },
      signed_at_ms: change.nowMs,
    })
    .onConflict(conflict => conflict.columns(['request_id', 'host', 'attempt', 'image']).doNothing())
    .returning('image')
    .executeTakeFirst();
  if (!inserted) return;
  await change.audit({
    kind: 'module-signed',
    actor: 'controller',
    requestId,
    host,
    detail: { order: orderId, attempt, image, facts, key: keyId, signature: auditDigest(signature) },
  });
}

/**
 * Threat: somebody who can write to the database says first where the functions of a kernel are, so that a
 * module is signed that calls elsewhere. Facts without a valid MAC are none that a host reported.
 */
async function agree(change: Change, { build, host, facts }: StoredKernelFact): Promise<void> {
  const rows = await change.trx.selectFrom('kernel_facts').selectAll().where('build', '=', build).execute();
  const fresh = new Map(facts);
  for (const row of change.macs.genuine('kernel_facts', rows)) {
    for (const line of row.facts.split('\n')) {
      const [name = '', value = ''] = line.split('\t');
      const reported = fresh.get(name);
      if (reported !== undefined && reported !== value)
        throw disagreement({ build, host, name, reported }, row.host, value);
      fresh.delete(name);
    }
  }
  if (fresh.size === 0) return;
  const lines = [...fresh].map(([name, value]) => `${name}\t${value}`).sort();
  const text = lines.join('\n');
  const digest = auditDigest(text);
  const columns = { build, digest, facts: text, host, reported_at_ms: change.nowMs };
  await keepFacts(change, change.macs.sign('kernel_facts', columns));
  await change.audit({
    kind: 'kernel-facts',
    actor: host,
    host,
    detail: { build, facts: digest, lines: lines.length },
  });
}

/** In the place of a forged row with these facts, if there is one. */
async function keepFacts({ trx, macs }: Change, row: KernelFactsTable): Promise<void> {
  await macs.edit(trx, 'kernel_facts', async edit => {
    await trx
      .insertInto('kernel_facts')
      .values(row)
      .onConflict(conflict => conflict.columns(['build', 'digest']).doUpdateSet(row))
      .execute();
    edit.added(row);
  });
}

interface Disagreement {
  readonly build: string;
  readonly host: string;
  readonly name: string;
  readonly reported: string;
}

function disagreement(
  { build, host, name, reported }: Disagreement,
  first: string,
  value: string,
): FarcallError {
  return new FarcallError(
    'SIGNING_REFUSED',
    `in the kernel ${build}, ${host} reports ${reported} for '${name}', and ${first} reported ${value}: one of the two hosts is lying or runs another kernel`,
  );
}
