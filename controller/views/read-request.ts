import { FarcallError } from '../../shared/errors/index.ts';
import { type CallRequest, callRequestCodec, type RequestView } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/** A request, decoded from its own bytes, with the controller's view of it. */
export interface ReadRequest {
  readonly view: RequestView;
  readonly request: CallRequest;
  /** SHA-256 of the bytes, computed here. */
  readonly digest: Uint8Array;
}

/**
 * Decodes the bytes of a view and computes their digest. Throws MESSAGE_INVALID where they are not the
 * request `id`.
 *
 * Threat: a controller shows one program and has another one signed. Everything that people sign is read from
 * the bytes themselves, and these must be the request that was asked for.
 */
export function readRequestView(view: RequestView, id?: string): ReadRequest {
  const request = callRequestCodec.decode(view.request);
  if (id !== undefined && request.id !== id)
    throw new FarcallError('MESSAGE_INVALID', `the controller sent request ${request.id} instead of ${id}`);
  return { view, request, digest: sha256(view.request) };
}

/** A digest as people compare it: `sha256:` and the digits that `sha256sum` prints. */
export function digestHex(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}
