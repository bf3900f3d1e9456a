import {
  signedTypesReplyCodec,
  type TypesQuery,
  typesEnvelopeCodec,
  typesQueryCodec,
} from '../../shared/messages/index.ts';
import type { QueryContext, QueryHandler } from '../queries/index.ts';
import { PackedTypesCache } from './packed-types-cache.ts';

/**
 * Answers queries for the types and names of this kernel, one part at a time.
 *
 * Threats: a controller whose key was stolen asks without end (the rate below, and one packing serves all
 * parts); it learns where the kernel is in memory (the types have no address, and no order of addresses).
 * What it learns is which kernel this is, which modules are loaded, and what is public of both.
 */
export function typesQueries(context: QueryContext): QueryHandler<TypesQuery> {
  const { stages, clock } = context;
  const cache = new PackedTypesCache(() => stages.types(), clock);
  return {
    topic: 'types',
    // All parts of a kernel's types, a few times.
    rate: { most: 300, windowMs: 600_000 },
    decodeEnvelope: typesEnvelopeCodec.decode,
    decodeQuery: typesQueryCodec.decode,
    hostsOf: ({ host }) => [host],
    async reply(asked) {
      // Most agents are never asked: the code that replies is loaded when it is needed.
      const { typesReply } = await import('./types-reply.ts');
      return typesReply(asked, context, cache);
    },
    encodeSigned: signedTypesReplyCodec.encode,
    clear: () => cache.clear(),
  };
}
