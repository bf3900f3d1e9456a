import type { CallResult, MemoryWrite } from '../messages/index.ts';

/** Writes of one result that are shown. */
const WRITES_SHOWN = 20;

/**
 * What a program wrote to kernel memory, one line each: `wrote panic_timeout: (int)0 -> (int)60 (line 2)`. A
 * line of its own says that there may be more.
 */
export function renderWrites({
  writes = [],
  writesMissed,
}: Pick<CallResult, 'writes' | 'writesMissed'>): string[] {
  const lines = writes
    .slice(0, WRITES_SHOWN)
    .map(write => `wrote ${targetOf(write)}: ${write.before} -> ${write.after} (line ${write.line})`);
  const hidden = writes.length - lines.length;
  if (hidden > 0) lines.push(`(${hidden} more writes not shown here)`);
  if (writesMissed) lines.push('(it may have written more than is recorded)');
  return lines;
}

/** What was written: the symbol that holds the address, or the address. */
export function targetOf({ symbol, address }: Pick<MemoryWrite, 'symbol' | 'address'>): string {
  return symbol ?? address;
}
