import { z } from 'zod';
import { isErrorCode } from '../errors/index.ts';
import { PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { messageCodec } from './codec.ts';
import { bytes, compactToken, digest, epochMs, hostName, requestId } from './fields.ts';
import { linesText, lineText } from './plain-text.ts';
import { EFFECTS, indirectCallsField, protocolField } from './request.ts';

/**
 * Limits of what a host reports of its kernel, in bytes. A kernel with all its modules takes 3 MiB packed and
 * 15 MiB unpacked.
 */
export const KERNEL_TYPES_LIMITS = { packedBytes: 24 << 20, unpackedBytes: 96 << 20, partBytes: 256 << 10 };

/** Most modules whose types a host reports. */
export const KERNEL_MODULES_LIMIT = 1024;

/** Most groups in one FunctionList. */
export const FUNCTIONS_LIMIT = 2000;

/** Most candidates in one CompletionList. */
export const COMPLETIONS_LIMIT = 500;

const count = z.int().min(0);
const code = z.string().refine(isErrorCode, 'an error code of shared/errors');
const build = { release: lineText(128), version: lineText(256), arch: lineText(32) };
const wholeBuild = { ...build, release: lineText(128).min(1), arch: lineText(32).min(1) };
const selector = z.string().min(1).max(4096);
const name = z.string().min(1).max(512);
const prototype = z.string().max(65_536);
const text = linesText(8192);

const typesQuerySchema = z.object({
  protocol: protocolField,
  id: requestId,
  host: hostName,
  offset: count.max(KERNEL_TYPES_LIMITS.packedBytes),
  createdAtMs: epochMs,
});

/** A query to one host for a part of its packed kernel types. */
export type TypesQuery = z.infer<typeof typesQuerySchema>;

/** Codec of TypesQuery. */
export const typesQueryCodec = messageCodec('TypesQuery', typesQuerySchema, 1024);

/** Codec of TypesEnvelope: a query, and a controller's signature over it. */
export const typesEnvelopeCodec = messageCodec(
  'TypesEnvelope',
  z.object({ query: bytes, token: compactToken }),
  16_384,
);

const typesPartSchema = z.object({
  digest,
  packedBytes: z.int().min(1).max(KERNEL_TYPES_LIMITS.packedBytes),
  bytes: bytes.refine(
    ({ length }) => length >= 1 && length <= KERNEL_TYPES_LIMITS.partBytes,
    `at most ${KERNEL_TYPES_LIMITS.partBytes} bytes`,
  ),
});

const typesReplySchema = z
  .object({
    protocol: protocolField,
    host: hostName,
    queryDigest: digest,
    kernelRelease: build.release,
    kernelVersion: build.version,
    arch: build.arch,
    refusal: z.object({ code, message: text }).optional(),
    part: typesPartSchema.optional(),
    madeAtMs: epochMs,
  })
  .refine(({ refusal, part }) => (refusal === undefined) !== (part === undefined), 'a part or a refusal');

/** The reply of a host to a {@link TypesQuery}: a part, or why it refuses. */
export type TypesReply = z.infer<typeof typesReplySchema>;

const REPLY_LIMIT_BYTES = KERNEL_TYPES_LIMITS.partBytes + 16_384;

/** Codec of TypesReply. */
export const typesReplyCodec = messageCodec('TypesReply', typesReplySchema, REPLY_LIMIT_BYTES);

/** Codec of SignedTypesReply: a reply and the host's signature over it. */
export const signedTypesReplyCodec = messageCodec(
  'SignedTypesReply',
  z.object({ reply: bytes, signature: compactToken }),
  REPLY_LIMIT_BYTES + 16_384,
);

const moduleName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a module');

const kernelTypesSchema = z.object({
  ...wholeBuild,
  vmlinux: bytes,
  modules: z.array(z.object({ name: moduleName, btf: bytes })).max(KERNEL_MODULES_LIMIT),
  names: bytes,
});

/** The types and names of a kernel, by which programs are checked; it contains no address. */
export type KernelTypes = z.infer<typeof kernelTypesSchema>;

/** Codec of {@link KernelTypes}, unpacked. */
export const kernelTypesCodec = messageCodec(
  'KernelTypes',
  kernelTypesSchema,
  KERNEL_TYPES_LIMITS.unpackedBytes,
);

const kernelRefSchema = z.object({ ...wholeBuild, hosts: count });

/** A kernel build, and how many hosts run it. */
export type KernelRef = z.infer<typeof kernelRefSchema>;

/** Codec of KernelsQuery: lists the kernels of the hosts that a selector matches. */
export const kernelsQueryCodec = messageCodec('KernelsQuery', z.object({ selector }), 8192);

const knownKernelSchema = z.object({
  ...wholeBuild,
  hosts: count,
  known: z.boolean(),
  functions: count,
  sourceHost: hostName.optional(),
  fetchedAtMs: epochMs.optional(),
  problem: text.optional(),
});

/** A kernel build of the fleet, and whether the controller has its types. */
export type KnownKernel = z.infer<typeof knownKernelSchema>;

const KERNELS_LIMIT = 4096;
const kernels = z.array(knownKernelSchema).max(KERNELS_LIMIT);

/** Codec of KernelList: kernel builds, the most frequent first. */
export const kernelListCodec = messageCodec('KernelList', z.object({ kernels }), 16 << 20);

const functionsQuerySchema = z.object({
  pattern: name,
  selector,
  limit: z.int().min(1).max(FUNCTIONS_LIMIT, `at most ${FUNCTIONS_LIMIT}`),
});

/** A search for kernel functions by name. */
export type FunctionsQuery = z.infer<typeof functionsQuerySchema>;

/** Codec of FunctionsQuery. */
export const functionsQueryCodec = messageCodec('FunctionsQuery', functionsQuerySchema, 8192);

const functionGroupSchema = z.object({
  name,
  prototype,
  module: z.string().max(64),
  kernels: z.array(kernelRefSchema).max(KERNELS_LIMIT),
  note: text,
});

/** A function that is the same in several kernels. */
export type FunctionGroup = z.infer<typeof functionGroupSchema>;

const functionListSchema = z.object({
  groups: z.array(functionGroupSchema).max(FUNCTIONS_LIMIT),
  truncated: z.boolean(),
  similar: z.array(name).max(16),
  kernels,
});

/** The functions that match a {@link FunctionsQuery}. */
export type FunctionList = z.infer<typeof functionListSchema>;

/** Codec of FunctionList. */
export const functionListCodec = messageCodec('FunctionList', functionListSchema, 16 << 20);

const program = z
  .string()
  .refine(source => Buffer.byteLength(source) <= PROGRAM_LIMIT_BYTES, `at most ${PROGRAM_LIMIT_BYTES} bytes`);

const programCheckSchema = z.object({ program, kernel: kernelRefSchema });

/** A program to compile for a kernel of the fleet. */
export type ProgramCheck = z.infer<typeof programCheckSchema>;

/** Codec of ProgramCheck. */
export const programCheckCodec = messageCodec('ProgramCheck', programCheckSchema, PROGRAM_LIMIT_BYTES + 8192);

const diagnosticSchema = z.object({
  severity: z.enum(['error', 'warning']),
  line: z.int().min(1),
  column: z.int().min(1),
  endColumn: z.int().min(1).optional(),
  /** Empty for a warning. */
  code: z.union([z.literal(''), code]),
  message: text,
});

/** An error or a warning, with its source location. */
export type Diagnostic = z.infer<typeof diagnosticSchema>;

const programDiagnosticsSchema = z.object({
  diagnostics: z.array(diagnosticSchema).max(1000),
  resultType: prototype.optional(),
  effect: z.enum(EFFECTS).optional(),
  ...indirectCallsField,
  callees: z.array(prototype).max(512),
  sourceHost: hostName,
});

/** What the compiler says of a program on one kernel. */
export type ProgramDiagnostics = z.infer<typeof programDiagnosticsSchema>;

/** Codec of ProgramDiagnostics. */
export const programDiagnosticsCodec = messageCodec('ProgramDiagnostics', programDiagnosticsSchema, 8 << 20);

const completionQuerySchema = z.object({
  program,
  offset: count,
  kernel: kernelRefSchema,
  limit: z.int().min(1).max(COMPLETIONS_LIMIT, `at most ${COMPLETIONS_LIMIT}`),
});

/** A query for the completion candidates at `offset` in a program. */
export type CompletionQuery = z.infer<typeof completionQuerySchema>;

/** Codec of CompletionQuery. */
export const completionQueryCodec = messageCodec(
  'CompletionQuery',
  completionQuerySchema,
  PROGRAM_LIMIT_BYTES + 8192,
);

/** The kinds of completion candidate. */
export const COMPLETION_KINDS = [
  'function',
  'variable',
  'member',
  'type',
  'enumerator',
  'builtin',
  'library',
  'keyword',
  'local',
] as const;

/** One of {@link COMPLETION_KINDS}. */
export type CompletionKind = (typeof COMPLETION_KINDS)[number];

const completionSchema = z.object({ label: name, kind: z.enum(COMPLETION_KINDS), detail: prototype });

/** A completion candidate. */
export type Completion = z.infer<typeof completionSchema>;

const completionListSchema = z.object({
  from: count,
  items: z.array(completionSchema).max(COMPLETIONS_LIMIT),
});

/** Completion candidates, the likeliest first. */
export type CompletionList = z.infer<typeof completionListSchema>;

/** Codec of CompletionList. */
export const completionListCodec = messageCodec('CompletionList', completionListSchema, 8 << 20);
