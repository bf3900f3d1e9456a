import type { TaskTree } from '../check/index.ts';
import type { Memory } from './memory.ts';

/** The task with a number; `task` is 0 where it is ending, or went away while it was looked at. */
export interface NumberedTask {
  readonly number: number;
  readonly task: bigint;
}

/** A struct pid, by its address, and its number. */
export interface NumberedPid {
  readonly number: number;
  readonly pid: bigint;
}

/** Numbers of tasks are an int (PID_MAX_LIMIT, include/linux/threads.h, v6.12, is far below). */
const MOST = 0x7fff_ffff;

/** A node's `shift` is below 64, and each step down must make it smaller: no tree is deeper. */
const DEEPEST = 16;

/**
 * Nodes without an entry are not left in the tree; so many in a row are none of a tree that is read as it is.
 */
const MOST_EMPTY_NODES = 1000;

/** How often a tree that changes while it is read is read again. */
const ATTEMPTS = 4;

/**
 * The task with the least number from `least` on, in the first PID namespace, by reading alone; undefined
 * where there is none, `inconsistent` where the tree makes no sense however often it is read. What a module
 * finds by find_ge_pid() and get_pid_task().
 *
 * Nothing is locked: the tree may change while it is read. Every turn goes down one level or on by at least
 * one number, so that the worst memory costs time only, and little of it. A task counts only if it still
 * leads back to its number when all is read; one that has lost its number, or whose memory is somebody else's
 * by now, does not.
 */
export function nextTask(
  memory: Memory,
  tree: TaskTree,
  least: number,
): NumberedTask | 'inconsistent' | undefined {
  const reader = new Reader(memory);
  const found = nextPid(reader, tree, least);
  if (!found || found === 'inconsistent') return found;
  return { number: found.number, task: taskOf(reader, tree, found) };
}

/**
 * The struct pid with the least number from `least` on, whose task {@link nextTask} then looks for.
 *
 * `remembered` is for a caller whose memory stays as it was read: most of the next numbers are in the same
 * leaf of the tree, which is then not looked for again.
 */
export function nextPid(
  reader: Reader,
  tree: TaskTree,
  least: number,
  remembered: RememberedLeaf = {},
): NumberedPid | 'inconsistent' | undefined {
  let index = least;
  let left = ATTEMPTS;
  for (let nodes = 0; index <= MOST && nodes < MOST_EMPTY_NODES; nodes++) {
    const found = lookUp(reader, tree, index, remembered);
    if (found === undefined) {
      if (--left === 0) return 'inconsistent';
      reader.refresh();
      remembered.leaf = undefined;
    } else if (found.entry === 0n) {
      index = found.index;
    } else {
      return { number: found.index, pid: found.entry };
    }
  }
  return index > MOST ? undefined : 'inconsistent';
}

/** The leaf of the tree that was found last. */
export interface RememberedLeaf {
  leaf?: { readonly base: number; readonly slots: BigUint64Array } | undefined;
}

interface Slot {
  /** The entry; 0 where there is none, and then the search goes on at `index`. */
  readonly entry: bigint;
  readonly index: number;
}

const END_OF_TREE: Slot = { entry: 0n, index: MOST + 1 };

/**
 * Goes down to the first entry from `index` on; where a leaf has none, says where the next one begins.
 * Undefined where what is there is no node of this tree, or one that is being replaced.
 */
function lookUp(reader: Reader, tree: TaskTree, index: number, remembered: RememberedLeaf): Slot | undefined {
  const { leaf } = remembered;
  if (leaf && index >= leaf.base && index < leaf.base + tree.slots) return slotOfLeaf(leaf, tree, index);
  let entry = reader.u64(tree.head);
  let at = index;
  // A tree of one entry has no node, and that entry has the number 0.
  if (!isNode(entry)) return entry !== 0n && at === 0 && isPid(entry) ? { entry, index: 0 } : END_OF_TREE;
  for (let depth = 0, above = 64; depth < DEEPEST; depth++) {
    const node = readNode(reader, tree, entry - 2n);
    if (node === undefined || node.shift >= above) return undefined;
    const unit = 2 ** node.shift;
    const span = unit * tree.slots;
    const base = at - (at % span);
    if (depth === 0 && base > 0) return END_OF_TREE;
    if (node.shift === 0) {
      remembered.leaf = { base, slots: node.slots };
      return slotOfLeaf(remembered.leaf, tree, at);
    }
    const slot = firstUsed(node.slots, Math.floor((at - base) / unit));
    if (slot === tree.slots) return { entry: 0n, index: base + span };
    at = Math.max(at, base + slot * unit);
    entry = node.slots[slot]!;
    if (!isNode(entry)) return undefined;
    above = node.shift;
  }
  return undefined;
}

function slotOfLeaf(
  { base, slots }: NonNullable<RememberedLeaf['leaf']>,
  tree: TaskTree,
  index: number,
): Slot | undefined {
  const slot = firstUsed(slots, index - base);
  if (slot === tree.slots) return { entry: 0n, index: base + tree.slots };
  const entry = slots[slot]!;
  return isPid(entry) ? { entry, index: base + slot } : undefined;
}

interface Node {
  readonly shift: number;
  readonly slots: BigUint64Array;
}

/**
 * A node knows its tree; one that was given back does not any more (radix_tree_node_free(), lib/radix-tree.c,
 * v6.12).
 */
function readNode(reader: Reader, tree: TaskTree, address: bigint): Node | undefined {
  const slots = reader.words(address + BigInt(tree.slotsOffset), tree.slots);
  if (slots === undefined || reader.u64(address + BigInt(tree.arrayOffset)) !== tree.array) return undefined;
  return { shift: reader.u8(address + BigInt(tree.shiftOffset)), slots };
}

function firstUsed(slots: BigUint64Array, from: number): number {
  let slot = from;
  while (slot < slots.length && slots[slot] === 0n) slot++;
  return slot;
}

/**
 * xa_is_node(): internal entries have 2 in their low bits; small ones are marks (include/linux/xarray.h,
 * v6.12).
 */
function isNode(entry: bigint): boolean {
  return (entry & 3n) === 2n && entry > 4096n;
}

function isPid(entry: bigint): boolean {
  return entry !== 0n && (entry & 3n) === 0n;
}

function taskOf(reader: Reader, tree: TaskTree, { pid, number }: NumberedPid): bigint {
  if (reader.u32(pid + BigInt(tree.numberOffset)) !== number) return 0n;
  const link = reader.u64(pid + BigInt(tree.firstOffset));
  if (link === 0n) return 0n;
  const task = BigInt.asUintN(64, link - BigInt(tree.linkOffset));
  return reader.u64(task + BigInt(tree.pidOffset)) === pid ? task : 0n;
}

/** Reads numbers; what is not there is 0, or undefined. */
export class Reader {
  readonly #memory: Memory;
  readonly #buffer = new BigUint64Array(1);
  readonly #bytes = new Uint8Array(this.#buffer.buffer);

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** What is read next is read again. */
  refresh(): void {
    this.#memory.refresh();
  }

  u8(address: bigint): number {
    return Number(this.#read(address, 1));
  }

  u32(address: bigint): number {
    return Number(this.#read(address, 4));
  }

  u64(address: bigint): bigint {
    return this.#read(address, 8);
  }

  words(address: bigint, count: number): BigUint64Array | undefined {
    const words = new BigUint64Array(count);
    const bytes = new Uint8Array(words.buffer);
    return this.#memory.copy(BigInt.asUintN(64, address), bytes, 0, bytes.length) ? words : undefined;
  }

  #read(address: bigint, bytes: number): bigint {
    this.#buffer[0] = 0n;
    const isThere = this.#memory.copy(BigInt.asUintN(64, address), this.#bytes, 0, bytes);
    return isThere ? this.#buffer[0] : 0n;
  }
}
