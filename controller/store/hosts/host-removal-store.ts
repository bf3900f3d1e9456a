import { FarcallError } from '../../../shared/errors/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import { activeRow, endKeys, type MacReader } from './host-keys.ts';

/** A person's signature for the removal of a host. */
export interface HostRemovalSignature {
  readonly signer: string;
  readonly reason: string;
  readonly token: string;
  readonly signedAtMs: number;
}

/** A host that is enrolled now, and everybody who ever signed for its removal. */
export interface RemovableHost {
  readonly host: string;
  readonly kid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly enrolmentId: string;
  /** In the order in which they came. Some may count no more. */
  readonly signatures: readonly HostRemovalSignature[];
}

/** A signature for the removal of a host, once it is verified. */
export interface NewHostRemoval extends Omit<HostRemovalSignature, 'signedAtMs'> {
  /** The host as it was when the signature was verified. */
  readonly of: RemovableHost;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
  /** The earlier signatures with which it removes the host; undefined if they are not enough yet. */
  readonly with: readonly Pick<HostRemovalSignature, 'signer' | 'token'>[] | undefined;
}

/** Removals of hosts, and the signatures for them. */
export interface HostRemovalStore {
  /** Throws NOT_FOUND if there is no enrolled host of that name. */
  find(host: string): Promise<RemovableHost>;
  /** Each enrolled host for whose removal somebody signed. */
  proposed(): Promise<readonly RemovableHost[]>;
  /**
   * Keeps a signature, and ends the enrolment of the host if it is removed by it. False if the host changed,
   * or another signature came, since `of` was read. Throws CONFLICT if this very token was used before.
   */
  sign(removal: NewHostRemoval): Promise<boolean>;
}

/** The part of the store about removals of hosts. */
export function hostRemovalStoreOn(database: Database): HostRemovalStore {
  return {
    find: host =>
      database.read(async trx => {
        const found = await removableHost({ trx, macs: database.macs }, host);
        if (found) return found;
        throw new FarcallError('NOT_FOUND', `there is no enrolled host ${host}; farcall hosts lists them`);
      }),
    proposed: () =>
      database.read(async trx => {
        const query = trx.selectFrom('host_removals').select('host').distinct().orderBy('host');
        const hosts = await query.execute();
        const found: RemovableHost[] = [];
        for (const { host } of hosts) {
          const each = await removableHost({ trx, macs: database.macs }, host);
          if (each && each.signatures.length > 0) found.push(each);
        }
        return found;
      }),
    sign: removal => database.change(change => sign(change, removal)),
  };
}

async function removableHost(reader: MacReader, host: string): Promise<RemovableHost | undefined> {
  const keys = await activeRow(reader, host);
  if (!keys) return undefined;
  const rows = await reader.trx
    .selectFrom('host_removals')
    .selectAll()
    .where('enrolment_id', '=', keys.enrolment_id)
    .orderBy('signed_at_ms')
    .orderBy('signer')
    .execute();
  return {
    host,
    kid: keys.kid,
    labels: JSON.parse(keys.labels),
    enrolmentId: keys.enrolment_id,
    signatures: rows.map(({ signer, reason, token, signed_at_ms }) => ({
      ...{ signer, reason, token, signedAtMs: signed_at_ms },
    })),
  };
}

/**
 * Threat: two people sign at the same moment, and each signature is judged without the other; or the host is
 * another machine by now. So the host must be as it was when the signature was judged.
 */
async function sign(change: Change, removal: NewHostRemoval): Promise<boolean> {
  const { of, signer, reason, token, submittedBy, trustVersion: trust } = removal;
  const { host, kid, enrolmentId } = of;
  const { trx, nowMs } = change;
  const keys = await activeRow(change, host);
  const now = await removableHost(change, host);
  if (!keys || now?.enrolmentId !== enrolmentId || now.signatures.length !== of.signatures.length)
    return false;
  await refuseUsed(change, token);
  await trx
    .insertInto('host_removals')
    .values({
      ...{ token, enrolment_id: enrolmentId, host, kid, signer, reason },
      signed_at_ms: nowMs,
    })
    .execute();
  const digest = auditDigest(token);
  const signed = { submittedBy, enrolment: enrolmentId, kid, token: digest, trust };
  await change.audit({ kind: 'host-removal-signed', actor: signer, host, detail: signed });
  if (!removal.with) return true;
  await endKeys(change, host);
  const by = [...removal.with, removal].map(each => ({
    signer: each.signer,
    token: auditDigest(each.token),
  }));
  const detail = { enrolment: enrolmentId, kid, nkey: keys.nkey, by, trust };
  await change.audit({ kind: 'host-removed', actor: signer, host, detail });
  return true;
}

/** Threat: a signature for a removal is used a second time, after the machine was enrolled again. */
async function refuseUsed({ trx }: Change, token: string): Promise<void> {
  const used = await trx
    .selectFrom('host_removals')
    .select('host')
    .where('token', '=', token)
    .executeTakeFirst();
  if (used)
    throw new FarcallError('CONFLICT', `this signature for the removal of ${used.host} was used before`);
}
