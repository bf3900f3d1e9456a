import { useEffect, useState } from 'react';
import type { RequestJson } from '../../api/index.ts';
import { fromBase64, readRequest, type SignedRequest, toHex } from '../../signed/index.ts';

/** A request as its own bytes tell it. */
export interface Signed {
  readonly request: SignedRequest;
  /** SHA-256 of the bytes, computed in this page. */
  readonly digest: Uint8Array;
  readonly digestHex: string;
  readonly sizeBytes: number;
}

/**
 * Reads a request from its bytes and computes their digest; an error's text where they cannot be read, or are another
 * request's.
 */
export function useSigned(json: RequestJson | undefined, id: string): { signed?: Signed; problem?: string } {
  const [read, setRead] = useState<{ bytes?: string; signed?: Signed; problem?: string }>({});
  const bytes = json?.bytes;
  useEffect(() => {
    if (bytes === undefined) return;
    let isWanted = true;
    signedIn(bytes, id).then(
      signed => isWanted && setRead({ bytes, signed }),
      thrown =>
        isWanted && setRead({ bytes, problem: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
    return () => {
      isWanted = false;
    };
  }, [bytes, id]);
  return read.bytes === bytes ? read : {};
}

async function signedIn(text: string, id: string): Promise<Signed> {
  const bytes = fromBase64(text);
  const request = readRequest(bytes);
  // Threat: the bytes of another request under this one's name.
  if (request.id !== id) throw new Error(`the controller sent request ${request.id} instead of ${id}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { request, digest, digestHex: toHex(digest), sizeBytes: bytes.length };
}
