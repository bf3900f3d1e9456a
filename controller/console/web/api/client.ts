import { ApiError } from './errors.ts';

/** Called when the server says that nobody is signed in any more. */
let onSignedOut: () => void = () => undefined;

/** Says who is told when a session has ended. */
export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

/** What `GET path` answers. Throws {@link ApiError}. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await send(path, signal ? { signal } : {}));
}

/** What `POST path` answers. Throws {@link ApiError}. */
export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await send(path, { ...postOf(body), ...(signal && { signal }) }));
}

/** A POST of JSON: the one form in which the server takes what changes something. */
export function postOf(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The answer to a request, if it is one of success. Throws {@link ApiError}. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init }).catch(
    cause => {
      if (init.signal?.aborted) throw cause;
      throw new ApiError(0, 'UNREACHABLE', 'The controller does not answer.');
    },
  );
  if (response.ok) return response;
  const error = await errorOf(response);
  if (response.status === 401 && !path.startsWith('/api/sign-in') && path !== '/api/session') onSignedOut();
  throw error;
}

async function readJson<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  const { code = 'INTERNAL', message = `the controller answered ${response.status}` } = body?.error ?? {};
  return new ApiError(response.status, code, message, body);
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string };
}
