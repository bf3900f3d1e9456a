import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import { firstIssue } from '../../../shared/schema/index.ts';
import type { ConsoleApi, EventOf } from '../../views/index.ts';
import type { ConsoleDeps } from '../http/index.ts';
import type { OperatorApi, SignedIn } from '../session/index.ts';

/** One call of the page by somebody who is signed in. */
export interface ConsoleCall {
  readonly deps: ConsoleDeps;
  readonly signedIn: SignedIn;
  /** What the person may do, with their roles. */
  readonly api: OperatorApi;
  /** The variable parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** JSON that nobody has checked yet; undefined for GET. */
  readonly body: unknown;
  /** Aborted when the browser disconnects, the session ends or the console closes. */
  readonly signal: AbortSignal;
}

/** Serves one route: resolves to its reply, or yields its events. */
export type RouteHandler<Entry> = Entry extends { events: infer Events }
  ? (call: ConsoleCall) => AsyncIterable<EventOf<Events>>
  : Entry extends { reply: infer Reply }
    ? (call: ConsoleCall) => Promise<Reply>
    : never;

/** A handler for each route of the console's API. The compiler demands that none is missing. */
export type Routes = { readonly [Key in keyof ConsoleApi]: RouteHandler<ConsoleApi[Key]> };

/** The body that a page posts to a route. */
export type BodyOf<Key extends keyof ConsoleApi> = ConsoleApi[Key] extends { body: infer Body }
  ? Body
  : never;

/** A body, parsed by `schema`. Throws MESSAGE_INVALID naming the member. */
export function bodyOf<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new FarcallError('MESSAGE_INVALID', firstIssue(parsed.error, 'the body'));
}

/** A whole number in the query; `otherwise` if it is absent. Throws MESSAGE_INVALID. */
export function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new FarcallError('MESSAGE_INVALID', `${name}: '${text}' is not a whole number`);
}

/** Any JSON object; the codec of the operator API checks its members. */
export const objectSchema = z.record(z.string(), z.unknown());
