import type { Adviser, AdviserInput } from './adviser.ts';

/** An {@link Adviser} for one kernel. Its code is loaded when it is first asked for: agents have no use for it. */
export async function openAdviser(input: AdviserInput): Promise<Adviser> {
  const { Adviser: Opened } = await import('./adviser.ts');
  return new Opened(input);
}
