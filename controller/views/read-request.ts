import { FarcallError } from '../../shared/errors/index.ts';
import { type CallRequest, callRequestCodec, type RequestView } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/** A request as its own bytes tell it, beside the controller's view. */
export interface ReadRequest {
  readonly view: RequestView;
  readonly request: CallRequest;
  /** SHA-256 of the bytes, computed here. */
  readonly digest: Uint8Array;
}

/**
 * Decodes the bytes of a view and computes their digest.
 *
 * Threat: a controller that shows one program and has another one signed. Everything that is signed is taken
 * from the bytes themselves, and they must be those of the request `id` that was asked for.
 */
export function readRequestView(view: RequestView, id?: string): ReadRequest {
  const request = callRequestCodec.decode(view.request);
  if (id !== undefined && request.id !== id)
    throw new FarcallError('MESSAGE_INVALID', `the controller sent request ${request.id} instead of ${id}`);
  return { view, request, digest: sha256(view.request) };
}

/** The digest as people compare it; `sha256sum` prints the same. */
export function digestHex(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}
