import { troublesOf } from '../../interaction/index.ts';
import type { CliContext, Session } from '../../session/index.ts';

/** How often a watch asks what its controller cannot do. */
const ASK_EVERY_MS = 5000;

/** The request that is watched, and where a line about the controller goes. */
export interface Troubles {
  readonly id: string;
  /** Called with each line that was not there before, and with one that says that all is well again. */
  readonly say: (line: string) => void;
}

/** Minutes pass within a line; it is the same trouble. */
const withoutDuration = (line: string): string => line.replace(/ \([^)]*\)/, '');

/**
 * Says during a watch what the request waits for: the broker, the store, a wrong clock. Returns the function
 * that ends it.
 */
export function followTroubles(
  context: Pick<CliContext, 'clock'>,
  session: Pick<Session, 'client'>,
  { id, say }: Troubles,
): () => void {
  let told: readonly string[] = [];
  let isStopped = false;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const lines = await troublesOf(context, session, id);
    isAsking = false;
    if (isStopped) return;
    for (const line of lines) if (!told.includes(withoutDuration(line))) say(line);
    if (lines.length === 0 && told.length > 0) say('The controller can do everything again.');
    told = lines.map(withoutDuration);
  };
  void ask();
  const timer = setInterval(() => void ask(), ASK_EVERY_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
