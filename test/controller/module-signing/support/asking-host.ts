import { BTF_KIND } from '../../../../agent/compiler/btf/index.ts';
import { Btf, type CompilerInput, type KernelSymbol, recordBuild } from '../../../../agent/compiler/index.ts';
import { answerSignQuery } from '../../../../controller/module-signing/index.ts';
import {
  type BuildFacts,
  buildFactsCodec,
  type OrderEnvelope,
  PROTOCOL_VERSION,
  type SignQuery,
  type SignReply,
  signEnvelopeCodec,
  signQueryCodec,
  signReplyCodec,
} from '../../../../shared/messages/index.ts';
import { moduleNameOf } from '../../../../shared/module-signing/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import { BtfBuilder } from '../../../agent/compiler/support/btf-builder.ts';
import { symbolTable } from '../../../agent/compiler/support/small-kernel.ts';
import type { HostIdentity } from '../../../kit/cast.ts';
import { type ControllerParts, DRAFT } from '../../../kit/controller-kit.ts';
import { resultFor, signStatement } from '../../../kit/host-statements.ts';

/** As `factsOf` has it in the hello of these hosts. */
export const VERMAGIC = '6.12.48+deb13-amd64 SMP preempt mod_unload modversions ';

/** A kernel of which a host lies, or that KASLR moved. */
export interface KernelChanges {
  /** By how much KASLR moved it. */
  readonly movedBy?: bigint;
  /** Other addresses of some symbols, from the start of the text. */
  readonly offsets?: Readonly<Record<string, bigint>>;
  /** Offset of `b` in `struct pair`, in bits. */
  readonly pairOffset?: number;
  readonly vermagic?: string;
}

const TEXT = 0xffff_ffff_8100_0000n;

/** A kernel that is large enough for a few programs. */
export function kernelOfHost(changes: KernelChanges = {}): CompilerInput {
  const abi = { vermagic: changes.vermagic ?? VERMAGIC, moduleLayoutCrc: 7, kcfiInitHash: undefined };
  const btf = new Btf(typesOfHost(changes));
  return { arch: 'x86_64', btf, symbols: symbolTable(symbolsOfHost(changes)), abi };
}

/** The BTF of {@link kernelOfHost}, as bytes. */
export function typesOfHost({ pairOffset = 64 }: KernelChanges = {}): Uint8Array {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const long = b.int('long int', 8);
  const char = b.int('char', 1);
  const string = b.ref(BTF_KIND.PTR, b.ref(BTF_KIND.CONST, char));
  b.struct('pair', 16, [
    { name: 'a', type: long, bitOffset: 0 },
    { name: 'b', type: long, bitOffset: pairOffset },
  ]);
  b.struct('module', 896, [
    { name: 'name', type: b.array(char, 56), bitOffset: 24 * 8 },
    { name: 'init', type: b.ref(BTF_KIND.PTR, 0), bitOffset: 312 * 8 },
  ]);
  b.enumeration('color', { RED: 0, GREEN: 1 });
  b.func('_printk', int, { fmt: string, '...': 0 });
  b.func('panic', 0, { fmt: string, '...': 0 });
  b.func('unused', int);
  return b.build();
}

/** The symbols of {@link kernelOfHost}. */
export function symbolsOfHost(changes: KernelChanges = {}): readonly KernelSymbol[] {
  const offsets: Record<string, bigint> = {
    _stext: 0n,
    _printk: 0x1000n,
    panic: 0x2000n,
    unused: 0x3000n,
    copy_to_user_nofault: 0x4000n,
    copy_from_kernel_nofault: 0x4100n,
    copy_to_kernel_nofault: 0x4200n,
    a_pair: 0x80_0000n,
    ...changes.offsets,
  };
  return Object.entries(offsets).map(([name, offset]) => ({
    ...{ name, module: undefined, type: name === 'a_pair' ? 'D' : 'T' },
    address: BigInt.asUintN(64, TEXT + (changes.movedBy ?? 0n) + offset),
  }));
}

/** What an agent in wrong hands may do otherwise than a good one. */
export interface QueryChanges {
  readonly kernel?: KernelChanges;
  /** The program that it compiles. */
  readonly program?: string;
  /** What it does to what it has made. */
  readonly image?: (image: Buffer) => Uint8Array;
  readonly facts?: (facts: BuildFacts) => BuildFacts;
  readonly query?: Partial<SignQuery>;
  /** Whose key signs, by what name it publishes, and when. */
  readonly signer?: HostIdentity;
  readonly publishesAs?: string;
  readonly signedAtMs?: number;
}

/** The envelope by which `host` asks for the signature of its module for `order`. */
export async function signEnvelope(
  host: HostIdentity,
  order: OrderEnvelope,
  nowMs: number,
  changes: QueryChanges = {},
): Promise<Uint8Array> {
  const { orderId, requestDigest } = resultFor(host.name, order);
  const program = changes.program ?? DRAFT.program;
  const name = moduleNameOf({ requestDigest, attempt: 1 });
  const { call, facts } = recordBuild(kernelOfHost(changes.kernel), program, name);
  const query = signQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    host: host.name,
    requestDigest,
    attempt: 1,
    orderId,
    kernelRelease: '6.12.48+deb13-amd64',
    buildId: '',
    imageDigest: sha256(changes.image?.(Buffer.from(call.image)) ?? call.image),
    facts: buildFactsCodec.encode(changes.facts?.(facts) ?? facts),
    ...changes.query,
  });
  const statement = { what: 'sign-query', bytes: query, nowMs: changes.signedAtMs ?? nowMs } as const;
  return signEnvelopeCodec.encode({
    query,
    signature: await signStatement(changes.signer ?? host, statement),
  });
}

/** Has `host` ask, and gives the controller's answer. */
export async function askToSign(
  parts: ControllerParts,
  host: HostIdentity,
  order: OrderEnvelope,
  changes: QueryChanges = {},
): Promise<SignReply> {
  const bytes = await signEnvelope(host, order, parts.clock.nowMs(), changes);
  return signReplyCodec.decode(
    await answerSignQuery(parts, { host: changes.publishesAs ?? host.name, bytes }),
  );
}

/** The module that a good agent has for `order`. */
export function imageFor(host: HostIdentity, order: OrderEnvelope, kernel: KernelChanges = {}): Uint8Array {
  const { requestDigest } = resultFor(host.name, order);
  const name = moduleNameOf({ requestDigest, attempt: 1 });
  return recordBuild(kernelOfHost(kernel), DRAFT.program, name).call.image;
}
