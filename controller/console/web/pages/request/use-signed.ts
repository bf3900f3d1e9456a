import { useEffect, useState } from 'react';
import type { RequestJson } from '../../api/index.ts';
import { fromBase64, readRequest, type SignedRequest, toHex } from '../../signed/index.ts';

/** A request as its own bytes say it. */
export interface SignedContent {
  readonly request: SignedRequest;
  /** SHA-256 of the bytes, computed in this page. */
  readonly digest: Uint8Array;
  readonly digestHex: string;
  readonly sizeBytes: number;
}

/** The signed content of a request, or why it cannot be read; neither while it is computed. */
export interface SignedContentState {
  readonly signed?: SignedContent;
  readonly problem?: string;
}

/** Reads a request from its bytes and computes their digest. */
export function useSigned(json: RequestJson | undefined, id: string): SignedContentState {
  const [read, setRead] = useState<SignedContentState & { readonly bytes?: string }>({});
  const bytes = json?.bytes;
  useEffect(() => {
    if (bytes === undefined) return;
    let isMounted = true;
    contentOf(bytes, id).then(
      signed => isMounted && setRead({ bytes, signed }),
      thrown =>
        isMounted && setRead({ bytes, problem: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
    return () => {
      isMounted = false;
    };
  }, [bytes, id]);
  return read.bytes === bytes ? read : {};
}

async function contentOf(text: string, id: string): Promise<SignedContent> {
  const bytes = fromBase64(text);
  const request = readRequest(bytes);
  // Threat: the bytes of another request under this id.
  if (request.id !== id) throw new Error(`the controller sent request ${request.id} instead of ${id}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { request, digest, digestHex: toHex(digest), sizeBytes: bytes.length };
}
