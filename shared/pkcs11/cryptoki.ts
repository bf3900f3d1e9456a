import { createRequire } from 'node:module';
import { FarcallError } from '../errors/index.ts';
import { requireOk } from './return-values.ts';

/** A session, or an object in a token. */
export type Handle = bigint | number;

/** A slot with a token in it. */
export interface Slot {
  readonly id: bigint;
  readonly label: string;
  /** CK_TOKEN_INFO.flags */
  readonly flags: bigint;
}

/** Attributes by their number (CKA_…), as the bytes of their values. */
export type Template = Readonly<Record<number, Uint8Array>>;

/** What farcall uses of a library for PKCS#11. All of it blocks. Each method throws as `requireOk`. */
export interface Cryptoki {
  slots(): readonly Slot[];
  /** With `mayChange`, objects can be made in the token. */
  openSession(slot: bigint, mayChange?: boolean): Handle;
  /** `user` is CKU_USER or CKU_CONTEXT_SPECIFIC. Without a PIN, the device asks for it itself. */
  login(session: Handle, user: number, pin: Uint8Array | undefined): void;
  /** Objects with all these attributes, at most {@link FOUND_LIMIT}. */
  find(session: Handle, template: Template): readonly Handle[];
  /** Undefined if the object has no such attribute, or does not reveal it. */
  attribute(session: Handle, object: Handle, type: number): Buffer | undefined;
  signInit(session: Handle, mechanism: number, key: Handle): void;
  sign(session: Handle, data: Uint8Array): Buffer;
  /** Makes a key pair in the token; returns its public half. */
  generateKeyPair(session: Handle, mechanism: number, templates: KeyPairTemplates): Handle;
}

/** The attributes of the two halves of a key pair. */
export interface KeyPairTemplates {
  readonly public: Template;
  readonly private: Template;
}

/** Most objects that one search returns. */
export const FOUND_LIMIT = 16;
const SLOTS_LIMIT = 256;
const ATTRIBUTE_LIMIT_BYTES = 4096;
/** RSA with 8192 bits. */
const SIGNATURE_LIMIT_BYTES = 1024;
/** CKF_SERIAL_SESSION; without CKF_RW_SESSION, nothing can be changed. */
const SERIAL_SESSION = 4;
const RW_SESSION = 2;

/** CK_TOKEN_INFO: the label has 32 bytes at its beginning, and flags follow other texts of 64 bytes. */
const TOKEN_INFO_BYTES = 512;
const LABEL_BYTES = 32;
const FLAGS_OFFSET = 96;

/**
 * The functions of CK_FUNCTION_LIST (PKCS#11 2.40, 3.6) by their places. CK_ULONG has 8 bytes on every CPU
 * that farcall runs on.
 */
const FUNCTIONS = {
  initialize: [0, 'ulong C_Initialize(void *args)'],
  getSlotList: [4, 'ulong C_GetSlotList(uint8_t present, void *slots, _Inout_ ulong *count)'],
  getTokenInfo: [6, 'ulong C_GetTokenInfo(ulong slot, void *info)'],
  openSession: [
    12,
    'ulong C_OpenSession(ulong slot, ulong flags, void *app, void *notify, _Out_ ulong *session)',
  ],
  login: [18, 'ulong C_Login(ulong session, ulong user, void *pin, ulong length)'],
  getAttributeValue: [
    24,
    'ulong C_GetAttributeValue(ulong session, ulong object, _Inout_ CK_ATTRIBUTE *template, ulong count)',
  ],
  findInit: [26, 'ulong C_FindObjectsInit(ulong session, CK_ATTRIBUTE *template, ulong count)'],
  find: [27, 'ulong C_FindObjects(ulong session, void *objects, ulong limit, _Out_ ulong *count)'],
  findFinal: [28, 'ulong C_FindObjectsFinal(ulong session)'],
  signInit: [42, 'ulong C_SignInit(ulong session, CK_MECHANISM *mechanism, ulong key)'],
  sign: [
    43,
    'ulong C_Sign(ulong session, void *data, ulong length, void *signature, _Inout_ ulong *signatureLength)',
  ],
  generateKeyPair: [
    59,
    'ulong C_GenerateKeyPair(ulong session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public, ulong publics, CK_ATTRIBUTE *private, ulong privates, _Out_ ulong *publicKey, _Out_ ulong *privateKey)',
  ],
} as const satisfies Record<string, readonly [place: number, prototype: string]>;

const TABLE_LENGTH = 60;
/** The table begins with CK_VERSION: two bytes, and then six to align the first pointer. */
const TABLE_OFFSET = 8;

type Call = (...values: readonly unknown[]) => number;

/** What is used of koffi. It is required by name, so that nothing loads it where no token is used. */
interface Koffi {
  load(path: string): { func(prototype: string): Call };
  struct(name: string, members: Readonly<Record<string, string>>): unknown;
  proto(prototype: string): unknown;
  array(type: string, length: number): unknown;
  decode(pointer: unknown, offset: number, type: unknown): readonly unknown[];
  call(pointer: unknown, prototype: unknown, ...values: readonly unknown[]): number;
}

/**
 * The library at `path`, initialised. Throws KEY_UNAVAILABLE if it cannot be loaded.
 *
 * Threat: this runs the code of a vendor. It is called only in a process of its own (token-process.ts), which
 * has no key of farcall's and nothing to lose but the session with the token.
 */
export function openCryptoki(path: string): Cryptoki {
  const functions = functionsOf(path);
  requireOk(functions.initialize(null), 'C_Initialize');
  return {
    slots: () => slotsOf(functions),
    openSession(slot, mayChange = false) {
      const session: Handle[] = [0];
      const flags = mayChange ? SERIAL_SESSION | RW_SESSION : SERIAL_SESSION;
      requireOk(functions.openSession(slot, flags, null, null, session), 'C_OpenSession');
      return session[0] ?? 0;
    },
    login: (session, user, pin) =>
      requireOk(functions.login(session, user, pin ?? null, pin?.length ?? 0), 'C_Login'),
    find: (session, template) => found(functions, session, template),
    attribute: (session, object, type) => attributeOf(functions, session, { object, type }),
    signInit(session, mechanism, key) {
      const value = { mechanism, pParameter: null, ulParameterLen: 0 };
      requireOk(functions.signInit(session, value, key), 'C_SignInit');
    },
    sign(session, data) {
      const signature = Buffer.alloc(SIGNATURE_LIMIT_BYTES);
      const length = [signature.length];
      requireOk(functions.sign(session, data, data.length, signature, length), 'C_Sign');
      return signature.subarray(0, Number(length[0]));
    },
    generateKeyPair: (session, mechanism, templates) =>
      generated(functions, session, { mechanism, templates }),
  };
}

type Functions = Readonly<Record<keyof typeof FUNCTIONS, Call>>;

function functionsOf(path: string): Functions {
  const koffi = loadKoffi();
  koffi.struct('CK_ATTRIBUTE', { type: 'ulong', pValue: 'void *', ulValueLen: 'ulong' });
  koffi.struct('CK_MECHANISM', { mechanism: 'ulong', pParameter: 'void *', ulParameterLen: 'ulong' });
  const list: unknown[] = [null];
  requireOk(functionListGetter(koffi, path)(list), 'C_GetFunctionList');
  const table = koffi.decode(list[0], TABLE_OFFSET, koffi.array('void *', TABLE_LENGTH));
  const bound = Object.entries(FUNCTIONS).map(([name, [place, text]]): [string, Call] => {
    const prototype = koffi.proto(text);
    return [name, (...values) => koffi.call(table[place], prototype, ...values)];
  });
  return Object.fromEntries(bound) as unknown as Functions;
}

function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    throw new FarcallError('KEY_UNAVAILABLE', 'the package koffi is missing, by which farcall uses tokens', {
      cause,
    });
  }
}

function functionListGetter(koffi: Koffi, path: string): Call {
  try {
    return koffi.load(path).func('ulong C_GetFunctionList(_Out_ void **list)');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0]?.slice(0, 300) : '';
    throw new FarcallError('KEY_UNAVAILABLE', `${path} cannot be loaded as a PKCS#11 library: ${reason}`, {
      cause,
    });
  }
}

function slotsOf({ getSlotList, getTokenInfo }: Functions): readonly Slot[] {
  const ids = Buffer.alloc(8 * SLOTS_LIMIT);
  const count = [SLOTS_LIMIT];
  requireOk(getSlotList(1, ids, count), 'C_GetSlotList');
  return Array.from({ length: Number(count[0]) }, (_, index) => {
    const id = ids.readBigUInt64LE(8 * index);
    const info = Buffer.alloc(TOKEN_INFO_BYTES);
    requireOk(getTokenInfo(id, info), 'C_GetTokenInfo');
    const label = info.toString('utf8', 0, LABEL_BYTES).trimEnd();
    return { id, label, flags: info.readBigUInt64LE(FLAGS_OFFSET) };
  });
}

function found(
  { findInit, find, findFinal }: Functions,
  session: Handle,
  template: Template,
): readonly Handle[] {
  const attributes = attributesOf(template);
  requireOk(findInit(session, attributes, attributes.length), 'C_FindObjectsInit');
  const handles = Buffer.alloc(8 * FOUND_LIMIT);
  const count = [0];
  requireOk(find(session, handles, FOUND_LIMIT, count), 'C_FindObjects');
  requireOk(findFinal(session), 'C_FindObjectsFinal');
  return Array.from({ length: Number(count[0]) }, (_, index) => handles.readBigUInt64LE(8 * index));
}

function attributesOf(template: Template) {
  return Object.entries(template).map(([type, value]) => ({
    ...{ type: Number(type), pValue: value, ulValueLen: value.length },
  }));
}

function generated(
  { generateKeyPair }: Functions,
  session: Handle,
  { mechanism, templates }: { readonly mechanism: number; readonly templates: KeyPairTemplates },
): Handle {
  const [publics, privates] = [attributesOf(templates.public), attributesOf(templates.private)];
  const [publicKey, privateKey]: [Handle[], Handle[]] = [[0], [0]];
  const value = { mechanism, pParameter: null, ulParameterLen: 0 };
  const halves = [publics, publics.length, privates, privates.length, publicKey, privateKey];
  requireOk(generateKeyPair(session, value, ...halves), 'C_GenerateKeyPair');
  return publicKey[0] ?? 0;
}

function attributeOf(
  { getAttributeValue }: Functions,
  session: Handle,
  { object, type }: { readonly object: Handle; readonly type: number },
): Buffer | undefined {
  const sized = [{ type, pValue: null as Buffer | null, ulValueLen: 0 as number | bigint }];
  if (getAttributeValue(session, object, sized, 1) !== 0) return undefined;
  const length = Number(sized[0]?.ulValueLen);
  // CK_UNAVAILABLE_INFORMATION is the largest number.
  if (length > ATTRIBUTE_LIMIT_BYTES) return undefined;
  const value = Buffer.alloc(length);
  const attribute = { type, pValue: value, ulValueLen: length };
  return getAttributeValue(session, object, [attribute], 1) === 0 ? value : undefined;
}
