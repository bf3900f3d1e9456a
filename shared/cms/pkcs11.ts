import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FarcallError } from '../errors/index.ts';
import { readSecretText } from '../files/index.ts';
import type { ModuleKeyAlgorithm } from './certificate.ts';

/** Where a key is in a PKCS#11 token (RFC 7512). */
export interface Pkcs11Key {
  /** Path of the library of the token: `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly modulePath: string;
  readonly token: string;
  /** Label of the key; undefined if the URI names its id only. */
  readonly object: string | undefined;
  /** Id of the key in hex; undefined if the URI names its label only. */
  readonly id: string | undefined;
  /** File with the PIN, 0600; undefined if the token requires none. */
  readonly pinFile: string | undefined;
}

const URI_LIMIT_CHARS = 4096;
/** A token that waits for a touch must not block everything else forever. */
const TOOL_TIMEOUT_MS = 30_000;
/** DigestInfo of SHA-256 (RFC 8017, 9.2, note 1), which comes before the digest under PKCS#1 v1.5. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * The parts of a `pkcs11:` URI (RFC 7512). Throws CONFIG_INVALID naming what is missing or unknown.
 *
 *     pkcs11:token=fleet;object=module-key?module-path=/usr/lib/softhsm/libsofthsm2.so
 *       &pin-source=file:/etc/farcall/pin
 */
export function parsePkcs11Uri(uri: string): Pkcs11Key {
  const invalid = (why: string): FarcallError => new FarcallError('CONFIG_INVALID', `${uri}: ${why}`);
  if (uri.length > URI_LIMIT_CHARS) throw new FarcallError('CONFIG_INVALID', 'a pkcs11: URI is too long');
  const match = /^pkcs11:([^?]*)(?:\?(.*))?$/.exec(uri);
  if (!match) throw invalid('not a pkcs11: URI');
  const members = new Map<string, Buffer>();
  for (const part of [...(match[1] ?? '').split(';'), ...(match[2] ?? '').split('&')].filter(Boolean)) {
    const [name = '', ...rest] = part.split('=');
    if (!KNOWN.has(name) || members.has(name)) throw invalid(`'${name}' is unknown, or given twice`);
    members.set(name, percentDecoded(rest.join('=')));
  }
  const text = (name: string): string | undefined => members.get(name)?.toString('utf8');
  const [modulePath, token] = [text('module-path'), text('token')];
  if (!modulePath?.startsWith('/')) throw invalid('module-path must be the absolute path of a library');
  if (!token) throw invalid('token is missing');
  const [object, id] = [text('object'), members.get('id')?.toString('hex')];
  if (!object && !id) throw invalid('object or id is missing: which key?');
  const pinFile = text('pin-source')?.replace(/^file:(\/\/)?/, '');
  return { modulePath, token, object, id, pinFile };
}

const KNOWN: ReadonlySet<string> = new Set(['token', 'object', 'id', 'type', 'module-path', 'pin-source']);

function percentDecoded(text: string): Buffer {
  const hexed = text.replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(hexed, 'latin1');
}

/**
 * The signature of `digest` (SHA-256) by a key that never leaves its token: PKCS#1 v1.5, or ECDSA in DER.
 * `pkcs11-tool` of OpenSC makes it in a process of its own: the library of a vendor can crash, hang or leak
 * there, and no native code is loaded into ours. The PIN is in the environment, which only root can read, and
 * never on a command line. Throws CONFIG_INVALID if the tool is missing or the token refuses.
 */
export async function pkcs11Signature(
  key: Pkcs11Key,
  algorithm: ModuleKeyAlgorithm,
  digest: Uint8Array,
): Promise<Uint8Array> {
  const isRsa = algorithm === 'rsa';
  const input = isRsa ? Buffer.concat([DIGEST_INFO, digest]) : Buffer.from(digest);
  const mechanism = isRsa ? ['RSA-PKCS'] : ['ECDSA', '--signature-format', 'openssl'];
  const pin = key.pinFile === undefined ? undefined : readSecretText(key.pinFile, 'PIN file');
  const token = [
    ...['--module', key.modulePath, '--token-label', key.token],
    ...(pin === undefined ? [] : ['--login', '--pin', 'env:FARCALL_PIN']),
  ];
  const id = key.id ?? (await idOfLabel(key, token, pin));
  return runTool([...token, '--id', id, '--sign', '--mechanism', ...mechanism], { input, pin });
}

/**
 * The id of the private key whose label `key` names, in hex. `pkcs11-tool` of OpenSC 0.23 takes the first
 * private key of the token if it is given a label only, so that the key is looked up in its list. Throws
 * CONFIG_INVALID if no key has the label, or several.
 */
async function idOfLabel(
  { token: tokenLabel, object = '' }: Pkcs11Key,
  token: readonly string[],
  pin: string | undefined,
): Promise<string> {
  const list = await runTool([...token, '--list-objects', '--type', 'privkey'], {
    input: Buffer.alloc(0),
    pin,
  });
  const ids = idsWithLabel(Buffer.from(list).toString('utf8'), object);
  const [id] = ids;
  if (id !== undefined && ids.length === 1) return id;
  throw new FarcallError(
    'CONFIG_INVALID',
    id === undefined
      ? `the token ${tokenLabel} has no private key with the label ${object}`
      : `the token ${tokenLabel} has ${ids.length} private keys with the label ${object}; name one by its id`,
  );
}

/**
 * Ids in what `pkcs11-tool --list-objects --type privkey` prints:
 *
 *     Private Key Object; RSA
 *       label:      module-key
 *       ID:         a1
 */
function idsWithLabel(list: string, label: string): readonly string[] {
  return list
    .split(/^(?=Private Key Object)/m)
    .filter(object => /^ {2}label: {6}(.*)$/m.exec(object)?.[1] === label)
    .flatMap(object => /^ {2}ID: {9}([0-9a-f]+)$/m.exec(object)?.[1] ?? []);
}

async function runTool(
  args: readonly string[],
  { input, pin }: { readonly input: Buffer; readonly pin: string | undefined },
): Promise<Uint8Array> {
  const env = { ...process.env, ...(pin === undefined ? {} : { FARCALL_PIN: pin }) };
  const options = { env, encoding: 'buffer', timeout: TOOL_TIMEOUT_MS, maxBuffer: 1 << 16 } as const;
  const running = promisify(execFile)('pkcs11-tool', [...args], options);
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  try {
    return (await running).stdout;
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: Buffer };
    const why = code === 'ENOENT' ? 'pkcs11-tool is missing (Debian: opensc)' : String(stderr).trim();
    throw new FarcallError('CONFIG_INVALID', `the token refuses: ${why.slice(0, 500)}`);
  }
}
