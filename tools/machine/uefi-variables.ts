import { readFile } from 'node:fs/promises';

/** The keys that UEFI firmware trusts. */
export interface Firmware {
  /**
   * Certificates in DER, in the firmware's list of whom it trusts (`db`); kernels put them into `.platform`.
   */
  readonly db: readonly [Uint8Array, ...Uint8Array[]];
  /** Whether Secure Boot is on: kernels then lock themselves down. */
  readonly secureBoot: boolean;
}

/** OVMF's code, and its empty store of variables (Debian's package ovmf). */
export const OVMF = {
  code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  variables: '/usr/share/OVMF/OVMF_VARS_4M.fd',
};

const GLOBAL_VARIABLE = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const IMAGE_SECURITY_DATABASE = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
const CERT_X509 = 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072';
const AUTHENTICATED_VARIABLES = 'aaf32c78-947b-439a-a180-2e144ec37792';
/** Whom the entries belong to; any will do. */
const OWNER = '7b6a9f0c-4d2e-4e0a-9d43-6d6f64756c65';

/**
 * NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS, TIME_BASED_AUTHENTICATED_WRITE_ACCESS (UEFI 2.10, 8.2.1)
 */
const ATTRIBUTES = 0x27;

/**
 * A store of variables for OVMF in which `firmware` has been set up, as the firmware itself would have
 * written it. Secure Boot is on as soon as there is a platform key (PK); without one, `db` is only
 * remembered.
 */
export async function uefiVariables({ db, secureBoot }: Firmware): Promise<Buffer> {
  const store = Buffer.from(await readFile(OVMF.variables));
  const owner = signatureList(db[0]);
  const owners = secureBoot ? ['PK', 'KEK'] : [];
  const variables = [
    ...owners.map(name => variable(name, GLOBAL_VARIABLE, owner)),
    variable('db', IMAGE_SECURITY_DATABASE, Buffer.concat(db.map(signatureList))),
  ];
  Buffer.concat(variables).copy(store, startOf(store));
  return store;
}

/**
 * Behind the header of the firmware volume (its length is at 48) and that of the store of variables, which
 * has 28 bytes (EDK II, MdeModulePkg/Include/Guid/VariableFormat.h).
 */
function startOf(store: Buffer): number {
  const header = store.readUInt16LE(48);
  const kind = store.subarray(header, header + 16);
  const first = header + 28;
  if (!kind.equals(guid(AUTHENTICATED_VARIABLES)) || store.readUInt32LE(first) !== 0xffff_ffff)
    throw new Error(`${OVMF.variables} is not an empty store of authenticated variables`);
  return first;
}

/**
 *     AUTHENTICATED_VARIABLE_HEADER { u16 start 0x55aa; u8 state; u8; u32 attributes; u64 count; EFI_TIME;
 *       u32 key; u32 name_bytes; u32 data_bytes; GUID vendor } name data, padded to 4
 */
function variable(name: string, vendor: string, data: Buffer): Buffer {
  const nameBytes = Buffer.from(`${name}\0`, 'utf16le');
  const header = Buffer.alloc(60);
  header.writeUInt16LE(0x55aa, 0);
  header[2] = 0x3f;
  header.writeUInt32LE(ATTRIBUTES, 4);
  header.writeUInt32LE(nameBytes.length, 36);
  header.writeUInt32LE(data.length, 40);
  guid(vendor).copy(header, 44);
  const whole = Buffer.concat([header, nameBytes, data]);
  return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4, 0xff)]);
}

/** EFI_SIGNATURE_LIST with one certificate (UEFI 2.10, 32.4.1). */
function signatureList(certificate: Uint8Array): Buffer {
  const header = Buffer.alloc(28);
  guid(CERT_X509).copy(header, 0);
  header.writeUInt32LE(28 + 16 + certificate.length, 16);
  header.writeUInt32LE(16 + certificate.length, 24);
  return Buffer.concat([header, guid(OWNER), certificate]);
}

/** The first three parts of a GUID are little-endian numbers. */
function guid(text: string): Buffer {
  const [a, b, c, d, e] = text.split('-').map(part => Buffer.from(part, 'hex')) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  return Buffer.concat([a.reverse(), b.reverse(), c.reverse(), d, e]);
}
