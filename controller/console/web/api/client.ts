import type { ErrorReplyJson } from '../../../views/index.ts';
import { ApiError } from './errors.ts';
import { type ApiUrl, type BodyOf, type Params, type PostPath, pathOf, type ReplyOf } from './routes.ts';

let onSignedOut: () => void = () => undefined;

/** Has `listener` called when the server replies that nobody is signed in any longer. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** The reply to `GET url`. Throws {@link ApiError}. */
export async function get<Reply>(url: ApiUrl<Reply>, signal?: AbortSignal): Promise<Reply> {
  const response = await send(url, signal ? { signal } : {});
  return (await response.json()) as Reply;
}

/** The body to post, with values for the variable parts of the path if it has any. */
type PostOptions<Path extends PostPath> = {
  readonly body: BodyOf<`POST ${Path}`>;
  readonly signal?: AbortSignal;
} & (keyof Params<Path> extends never ? { readonly params?: undefined } : { readonly params: Params<Path> });

/** The reply to `POST path`. Throws {@link ApiError}. */
export async function post<Path extends PostPath>(
  path: Path,
  { body, params, signal }: PostOptions<Path>,
): Promise<ReplyOf<`POST ${Path}`>> {
  const response = await send(pathOf(path, params ?? {}), { ...postOf(body), ...(signal && { signal }) });
  return (await response.json()) as ReplyOf<`POST ${Path}`>;
}

/** A POST of JSON, the only form in which the server accepts changes. */
export function postOf(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The response, if it is a successful one. Throws {@link ApiError}. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: 'same-origin', cache: 'no-store', ...init }).catch(
    cause => {
      if (init.signal?.aborted) throw cause;
      throw new ApiError(0, 'UNREACHABLE', 'The controller does not answer.');
    },
  );
  if (response.ok) return response;
  const error = await errorOf(response);
  if (response.status === 401 && !url.startsWith('/api/sign-in') && url !== '/api/session') onSignedOut();
  throw error;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorReplyJson> | undefined;
  const { code = 'INTERNAL', message = `the controller answered ${response.status}` } = body?.error ?? {};
  return new ApiError(response.status, code, message, body?.signIn);
}
