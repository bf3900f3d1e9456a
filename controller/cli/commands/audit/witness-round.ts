import { FarcallError } from '../../../../shared/errors/index.ts';
import type { AuditEntryView } from '../../../../shared/messages/index.ts';
import { digestText, signToken, TOKEN_KINDS, type TokenClaims } from '../../../../shared/tokens/index.ts';
import { keyringOf, type TrustBundle } from '../../../../shared/trust/index.ts';
import type { CliContext, Session } from '../../session/index.ts';
import { readLog } from './read-log.ts';
import { type SeenChain, seenChain } from './seen-chain.ts';
import type { OwnStatement } from './witness-state.ts';

/** The witness, their file and their session, and the trust that they go by. */
export interface WitnessOptions {
  readonly context: CliContext;
  readonly session: Session;
  /** The file of the witness. */
  readonly path: string;
  /** The newest trust bundle that the witness has verified themselves. */
  readonly trusted: () => Promise<TrustBundle>;
  /** The last statement in the file. */
  readonly last: OwnStatement | undefined;
  readonly signal: AbortSignal;
}

/** What a witness has just signed. */
export type Witnessed = Pick<TokenClaims<'witness'>, 'seq' | 'hash' | 'entryAtMs'>;

/** What a witness knows of the log. */
interface Knowledge {
  readonly store: string;
  readonly chain: SeenChain;
  /** Entries since the last statement that are not statements of witnesses. */
  news: number;
  lastAtMs: number;
}

/**
 * One round after the other: verifies what the log has by now, up to the controller's newest checkpoint, and
 * signs that. Resolves to what was signed; undefined if there was nothing new. Throws AUDIT_CONTRADICTED if
 * the log is not as it was verified before, or not as the controller signed it.
 *
 * Threat: those who run the controller have its key and its database, and rewrite what happened. The witness
 * is another person on another machine. They verify every link of the chain from the id of the store on, that
 * a controller of the trust bundle signed the same hash, and that nothing that they verified before has
 * changed; and they keep what they sign, before the controller has it.
 */
export function witnessRounds(options: WitnessOptions): () => Promise<Witnessed | undefined> {
  let known: Knowledge | undefined;
  return async () => {
    const checkpoint = await newestCheckpoint(options);
    if (!checkpoint) return undefined;
    known ??= await knowledgeOf(options, checkpoint);
    await verifyLog(options, known, checkpoint);
    const { seq, hash } = known.chain.last()!;
    if (known.news === 0 || seq !== checkpoint.seq) return undefined;
    const statement = { seq, hash: digestText(hash), entryAtMs: known.lastAtMs };
    await keepAndSubmit(options, { ...statement, store: known.store });
    known.news = 0;
    return statement;
  };
}

async function newestCheckpoint({
  session: { client, identity },
  trusted,
}: WitnessOptions): Promise<TokenClaims<'checkpoint'> | undefined> {
  const { checkpoint } = await client.call('getCheckpoint', {});
  if (checkpoint === undefined) return undefined;
  const { readCheckpoint } = await import('../../../audit/index.ts');
  const keyring = keyringOf((await trusted()).controllers);
  return readCheckpoint(checkpoint, { site: identity.site, keyring });
}

async function knowledgeOf(
  { last }: WitnessOptions,
  { store }: TokenClaims<'checkpoint'>,
): Promise<Knowledge> {
  // The store loads both of its engines, which few commands need.
  const { chainHash, chainStart } = await import('../../../store/index.ts');
  const seen = last ?? { seq: 0, hash: chainStart(store) };
  return {
    store: last?.store ?? store,
    chain: seenChain({ seen, fromSeq: 1, chainHash }),
    news: 0,
    lastAtMs: 0,
  };
}

async function verifyLog(
  { session: { client }, signal }: WitnessOptions,
  known: Knowledge,
  checkpoint: TokenClaims<'checkpoint'>,
): Promise<void> {
  const { chain } = known;
  if (checkpoint.store !== known.store)
    throw contradicted(`it is the log of the store ${checkpoint.store}, and was that of ${known.store}`);
  const take = ({ kind, atMs }: AuditEntryView): void => {
    known.lastAtMs = atMs;
    if (kind !== 'log-witnessed') known.news += 1;
  };
  await readLog(client, { chain, take, signal, untilSeq: checkpoint.seq });
  const last = chain.last()!;
  if (last.seq < checkpoint.seq)
    throw contradicted(`the controller signed ${checkpoint.seq} entries, and its log ends at ${last.seq}`);
  if (last.seq === checkpoint.seq && digestText(last.hash) !== checkpoint.hash)
    throw contradicted(`the controller signed another hash of entry ${last.seq} than its log has`);
}

function contradicted(problem: string): FarcallError {
  return new FarcallError('AUDIT_CONTRADICTED', problem);
}

/** The statement is on the disk before the controller has it: whatever it knows of, the witness can prove. */
async function keepAndSubmit(
  { context, session: { client, identity, key }, path }: WitnessOptions,
  content: Witnessed & { readonly store: string },
): Promise<void> {
  const iat = Math.floor(context.clock.nowMs() / 1000);
  const { name: iss, site } = identity;
  const claims = { iss, site, iat, exp: iat + TOKEN_KINDS.witness.maxAgeS, ...content };
  const token = await signToken('witness', claims, key);
  const { appendToken } = await import('../../../audit/index.ts');
  appendToken(path, token);
  await client.call('submitStatement', { token });
}
