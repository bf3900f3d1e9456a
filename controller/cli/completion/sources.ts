import { printable } from '../../views/index.ts';
import type { CandidateSource, CompletionInput, ShellCandidate } from './candidate.ts';
import { isFromController } from './remembered-names.ts';

/**
 * The candidates for a value of this kind.
 *
 * Threat: hosts choose their facts and people choose their reasons, and both appear on or beside the command
 * line of somebody else. A value with characters that a terminal interprets is not offered, and descriptions
 * are made printable.
 */
export async function candidatesOf(
  kind: string,
  input: CompletionInput,
): Promise<readonly ShellCandidate[] | 'files'> {
  const source = await sourceOf(kind);
  const found = await (source?.(input) ?? []);
  if (found === 'files') return found;
  return found
    .filter(({ value }) => printable(value) === value)
    .map(({ value, description = '' }) => ({ value, description: printable(description) }));
}

/** A source is loaded when it is needed: gRPC takes long, and so does everything that help knows. */
async function sourceOf(kind: string): Promise<CandidateSource | undefined> {
  if (!isFromController(kind)) return (await import('./local-sources.ts')).LOCAL_SOURCES[kind];
  return (await import('./controller-sources.ts')).CONTROLLER_SOURCES[kind];
}
