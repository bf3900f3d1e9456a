import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { bytes, compactToken, digest, hostName } from './fields.ts';
import { linesText, lineText } from './plain-text.ts';
import { protocolField } from './request.ts';

/** Longest BuildFacts, in bytes; a program that uses `struct task_struct` has about 60 KB. */
export const BUILD_FACTS_LIMIT_BYTES = 512 << 10;

const u32 = z.int().min(0).max(0xffff_ffff);
const moduleName = z.string().regex(/^[A-Za-z0-9_]{1,64}$/, 'a name of a module');

const sliceSchema = z.object({ btf: bytes, ids: z.array(u32).max(65_536) });

const foundSchema = z.object({
  name: lineText(512),
  address: z.string().regex(/^[0-9a-f]{1,16}$/, 'an address is hex'),
  type: z.string().regex(/^[A-Za-z?]$/, "nm(1)'s letter"),
  module: z.union([z.literal(''), moduleName]),
});

const buildFactsSchema = z.object({
  arch: lineText(32),
  vermagic: z.string().regex(/^[ -~]{1,255}$/, 'a vermagic is printable ASCII'),
  moduleLayoutCrc: u32.optional(),
  kcfiInitHash: u32.optional(),
  kcfiEntryHash: u32.optional(),
  kcfiReturnHash: u32.optional(),
  types: sliceSchema,
  modules: z.array(z.object({ module: moduleName, types: sliceSchema })).max(16),
  symbols: z
    .array(z.object({ name: lineText(512), variants: z.boolean(), found: z.array(foundSchema).max(256) }))
    .max(4096),
  pointers: z
    .array(
      z.object({
        prototype: lineText(4096),
        functions: z.array(foundSchema.omit({ type: true })).max(4096),
      }),
    )
    .max(64),
});

/** Everything that a module was compiled from, besides its program and its name. */
export type BuildFacts = z.infer<typeof buildFactsSchema>;

/** Some types of a BTF as separate BTF, with their numbers in the original. */
export type BtfSlice = BuildFacts['types'];

/** One lookup in a symbol table, and what it found. */
export type SymbolLookup = BuildFacts['symbols'][number];

/** The functions that a pointer of one type may hold on a host. */
export type PointerFacts = BuildFacts['pointers'][number];

/** Codec of BuildFacts. */
export const buildFactsCodec = messageCodec('BuildFacts', buildFactsSchema, BUILD_FACTS_LIMIT_BYTES);

const signQuerySchema = z.object({
  protocol: protocolField,
  host: hostName,
  requestDigest: digest,
  attempt: z.int().min(1).max(1000),
  orderId: lineText(128).min(8),
  kernelRelease: lineText(128),
  buildId: z.string().regex(/^([0-9a-f]{2}){0,64}$/, 'a build id is hex'),
  imageDigest: digest,
  /** BuildFacts; they are decoded only after everything else has been checked. */
  facts: bytes,
});

/** A query of a host for the signature of a module. */
export type SignQuery = z.infer<typeof signQuerySchema>;

/** Codec of SignQuery. */
export const signQueryCodec = messageCodec('SignQuery', signQuerySchema, BUILD_FACTS_LIMIT_BYTES + 2048);

/** Codec of SignEnvelope: a query and the host's signature over it. */
export const signEnvelopeCodec = messageCodec(
  'SignEnvelope',
  z.object({ query: bytes, signature: compactToken }),
  BUILD_FACTS_LIMIT_BYTES + 16_384,
);

const signReplySchema = z.object({
  queryDigest: digest,
  signature: bytes.refine(({ length }) => length <= 8192, 'a module signature has at most 8192 bytes'),
  keyId: lineText(128),
  code: lineText(64),
  reason: linesText(1024),
});

/** The signature of a module, or why there is none. */
export type SignReply = z.infer<typeof signReplySchema>;

/** Codec of SignReply. */
export const signReplyCodec = messageCodec('SignReply', signReplySchema, 16_384);
