import { RESULT_LIMIT_BYTES } from '../codegen/index.ts';

/**
 * Where things are in the loader process. Fixed, so that a module built before the process exists knows where
 * to write.
 */
export const LOADER = {
  TEXT_ADDRESS: 0x1000_0000n,
  /**
   * Start of what the loader writes to its standard output: {@link REPLY_HEADER_BYTES}, then the result area.
   */
  REPLY_ADDRESS: 0x1010_0000n,
} as const;

/** The reply starts with s64 answer of init_module and u64 time that it took, in nanoseconds. */
export const REPLY_HEADER_BYTES = 16;

/** Where a module copies its result area to. */
export const RESULT_ADDRESS: bigint = LOADER.REPLY_ADDRESS + BigInt(REPLY_HEADER_BYTES);

/**
 * What the agent writes to the loader's standard input: u64 size of the result area, u64 size of what
 * follows, u64 number of the system call, u64 its second argument; then what the first points to. That is
 * init_module() with an image and its size, or delete_module() with a name and flags.
 */
export const GO_BYTES = 32;

/** The largest image that the loader takes. */
export const IMAGE_LIMIT_BYTES = 1 << 20;

/** Room for the reply, in whole pages. */
export const REPLY_ROOM_BYTES = pages(REPLY_HEADER_BYTES + RESULT_LIMIT_BYTES);

/** Scratch behind the reply: the go message, two timespecs, an empty string. */
export const SCRATCH_ADDRESS: bigint = LOADER.REPLY_ADDRESS + BigInt(REPLY_ROOM_BYTES);

/** Offsets in the scratch memory. */
export const SCRATCH = {
  GO_RESULT_BYTES: 0,
  GO_IMAGE_BYTES: 8,
  GO_SYSTEM_CALL: 16,
  GO_ARGUMENT: 24,
  BEFORE: 32,
  AFTER: 48,
  EMPTY_STRING: 64,
} as const;

/**
 * Numbers of the system calls that the agent asks for (arch/x86/entry/syscalls/syscall_64.tbl and
 * include/uapi/asm-generic/unistd.h, v6.12).
 */
export const MODULE_CALLS: Readonly<Record<string, { readonly init: number; readonly delete: number }>> = {
  x86_64: { init: 175, delete: 176 },
  aarch64: { init: 105, delete: 106 },
};

/** delete_module() does not wait for users of the module: it fails (O_NONBLOCK). */
export const DELETE_AT_ONCE = 0o4000;

/** File descriptors of the loader. */
export const FD = { STDIN: 0n, STDOUT: 1n, KERNEL_LOG: 3n } as const;

/** `clockid_t` (include/uapi/linux/time.h, v6.12). */
export const CLOCK_MONOTONIC = 1n;

/** `whence` of lseek (include/uapi/linux/fs.h, v6.12). */
export const SEEK_END = 2n;

/** Nanoseconds of a second. */
export const NS_PER_S = 1_000_000_000n;

/**
 * The part of the memory that is touched and locked: the kernel brings none of its pages in while it copies
 * results.
 */
export const LOCKED_BYTES = REPLY_ROOM_BYTES + 4096;

/** Where the module image goes. */
export const IMAGE_ADDRESS: bigint = LOADER.REPLY_ADDRESS + BigInt(LOCKED_BYTES);

/** Writable memory in all. */
export const BSS_BYTES = LOCKED_BYTES + IMAGE_LIMIT_BYTES;

/** Pages are touched one by one, at the smallest distance that a Linux page can have. */
export const TOUCH_STEP_BYTES = 4096;

function pages(bytes: number): number {
  return Math.ceil(bytes / 4096) * 4096;
}
