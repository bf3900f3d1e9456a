import type { Terminal } from '../../session/index.ts';
import { writeFollowState } from './follow-state.ts';
import type { SeenChain } from './seen-chain.ts';

/** Where the state of a follower is kept, and of what. */
export interface PrinterOptions {
  /** A file; undefined if nothing is kept. */
  readonly state: string | undefined;
  readonly site: string;
  readonly chain: Pick<SeenChain, 'last'>;
}

/** Prints entries, and keeps the state file behind what was printed. */
export interface EntryPrinter {
  /** Prints the line of the entry that `chain` has last. */
  print(line: string): Promise<void>;
  /** Writes the state of everything that was printed. Throws what kept an earlier state from the file. */
  close(): Promise<void>;
}

/** So many entries are printed before the state is written, or this time passes. */
const ENTRIES = 500;
const STATE_EVERY_MS = 200;

/**
 * The state is written after stdout has taken the entries, never before: a kill in between prints some
 * entries again, and loses none.
 */
export function entryPrinter(
  terminal: Pick<Terminal, 'print' | 'flush'>,
  { state, site, chain }: PrinterOptions,
): EntryPrinter {
  let unsaved = 0;
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  let failed: { readonly thrown: unknown } | undefined;
  const save = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const last = chain.last();
    if (state === undefined || unsaved === 0 || !last) return;
    unsaved = 0;
    await terminal.flush();
    writeFollowState(state, site, last);
  };
  const saveInTurn = (): Promise<void> => {
    saving = saving.then(save);
    return saving;
  };
  const rethrow = (): void => {
    if (failed) throw failed.thrown;
  };
  return {
    async print(line) {
      rethrow();
      terminal.print(line);
      unsaved += 1;
      if (unsaved >= ENTRIES) await saveInTurn();
      else
        timer ??= setTimeout(() => {
          saveInTurn().catch(thrown => {
            failed = { thrown };
          });
        }, STATE_EVERY_MS);
    },
    async close() {
      rethrow();
      await saveInTurn();
    },
  };
}
