import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import { firstIssue } from '../../../shared/schema/index.ts';
import type { ConsoleDeps, SentEvent } from '../http/index.ts';
import type { Calls, SignedIn } from '../session/index.ts';

/** One call of the page, as a route sees it; who calls is signed in. */
export interface ConsoleCall {
  readonly deps: ConsoleDeps;
  readonly signedIn: SignedIn;
  readonly calls: Calls;
  /** The parts of the path that are not fixed. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** JSON, not looked at yet; undefined for GET. */
  readonly body: unknown;
  /** Aborted when the browser goes away, the session ends or the console closes. */
  readonly signal: AbortSignal;
}

/** A path below /api, with `:name` for what is not fixed. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What is answered, as JSON; with `events` instead, a stream. */
  readonly answer?: (call: ConsoleCall) => Promise<unknown>;
  readonly events?: (call: ConsoleCall) => AsyncIterable<SentEvent>;
}

/** What `schema` makes of a body. Throws MESSAGE_INVALID naming the member. */
export function bodyOf<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new FarcallError('MESSAGE_INVALID', firstIssue(parsed.error, 'the body'));
}

/** A whole number in the query. Throws MESSAGE_INVALID. */
export function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new FarcallError('MESSAGE_INVALID', `${name}: '${text}' is not a whole number`);
}

/** Everything else than what it is. */
export const objectSchema = z.record(z.string(), z.unknown());
