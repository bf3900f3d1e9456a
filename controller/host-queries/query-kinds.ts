import {
  type PlanReply,
  planEnvelopeCodec,
  planReplyCodec,
  type SignedPlanReply,
  signedPlanReplyCodec,
  signedTypesReplyCodec,
  type TypesReply,
  typesEnvelopeCodec,
  typesReplyCodec,
} from '../../shared/messages/index.ts';

/** The kinds of queries to hosts; also the topics of their subjects, and the kinds of their tokens. */
export type QueryKind = 'plan' | 'types';

/** By kind of query: the reply as a host signed it, and what it says. */
export interface RepliesOfKind {
  readonly plan: { readonly signed: SignedPlanReply; readonly content: PlanReply };
  readonly types: {
    readonly signed: ReturnType<typeof signedTypesReplyCodec.decode>;
    readonly content: TypesReply;
  };
}

/** How one kind of query is sent, and its replies are read. */
export interface QueryFormat<K extends QueryKind> {
  /** Bytes of a query with the controller's signature over it. */
  readonly encode: (envelope: { readonly query: Uint8Array; readonly token: string }) => Uint8Array;
  /** Reads a reply with the host's signature over it. Throws MESSAGE_INVALID. */
  readonly decodeSigned: (bytes: Uint8Array) => RepliesOfKind[K]['signed'];
  /** Reads the content of such a reply. Throws MESSAGE_INVALID. */
  readonly decodeContent: (bytes: Uint8Array) => RepliesOfKind[K]['content'];
  /** How many replies are verified at a time. */
  readonly concurrency: number;
}

/** Every kind of query. */
export const QUERY_FORMATS: { readonly [K in QueryKind]: QueryFormat<K> } = {
  plan: {
    encode: planEnvelopeCodec.encode,
    decodeSigned: signedPlanReplyCodec.decode,
    decodeContent: planReplyCodec.decode,
    concurrency: 16,
  },
  types: {
    encode: typesEnvelopeCodec.encode,
    decodeSigned: signedTypesReplyCodec.decode,
    decodeContent: typesReplyCodec.decode,
    // Each may have a quarter of a megabyte.
    concurrency: 2,
  },
};
