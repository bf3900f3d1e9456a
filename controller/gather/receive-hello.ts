import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { type HostFacts, hostFactsCodec, hostHelloCodec } from '../../shared/messages/index.ts';
import { type PublicJwk, publicJwkSchema } from '../../shared/tokens/index.ts';
import type { CheckpointWitness } from '../audit/index.ts';
import type { HostMessage } from '../bus/index.ts';
import type { Logger } from '../log/index.ts';
import type { CheckpointConflict, HostRegistration, HostStore } from '../store/index.ts';
import { verifyStatement } from './verify-statement.ts';

/** What {@link receiveHello} needs. */
export interface HelloDeps {
  readonly hosts: Pick<HostStore, 'register'>;
  readonly witness: CheckpointWitness;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Registers the host that says hello, or renews what is known of it. Throws CONFLICT where its key is not the one that
 * it is pinned to, and the codes of messages and tokens.
 *
 * Threat: somebody speaks for a host that is not his. The broker holds each user to its own subject, the facts must be
 * signed by the key in them, and the first key that is seen for a name stays (trust on first use): whoever comes first
 * under a new name is believed, nobody can take over a known one.
 */
export async function receiveHello(deps: HelloDeps, { host, bytes }: HostMessage): Promise<undefined> {
  const registration = await verifiedHello(host, bytes, deps);
  const effect = await deps.hosts.register(registration);
  const level = effect === 'registered' || effect === 'changed' ? 'info' : 'debug';
  deps.log[level]({ host, kid: registration.kid, effect }, 'host said hello');
}

async function verifiedHello(
  host: string,
  bytes: Uint8Array,
  { clock, witness }: HelloDeps,
): Promise<HostRegistration> {
  const hello = hostHelloCodec.decode(bytes);
  const facts = hostFactsCodec.decode(hello.facts);
  if (facts.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} sends the facts of ${facts.host}`);
  const key = keyIn(facts);
  const { kid, signedAtS } = await verifyStatement({
    host,
    key,
    what: 'facts',
    bytes: hello.facts,
    signature: hello.signature,
    nowMs: clock.nowMs(),
  });
  const { checkpoint } = facts;
  const conflict = checkpoint === undefined ? undefined : await witness.conflictOf(checkpoint, host);
  return {
    host,
    kid,
    publicJwk: key,
    facts: hello.facts,
    factsSignature: hello.signature,
    signedAtS,
    conflict,
    differs: stored => hasNews(hostFactsCodec.decode(stored), facts, conflict),
  };
}

function keyIn(facts: HostFacts): PublicJwk {
  try {
    return publicJwkSchema.parse(JSON.parse(facts.publicKey));
  } catch (cause) {
    throw new FarcallError(
      'MESSAGE_INVALID',
      `HostFacts.publicKey: ${facts.host}'s key is not an Ed25519 JWK`,
      { cause },
    );
  }
}

/** Whether more than the time and the checkpoint differs, or the checkpoint proves something that is not kept yet. */
function hasNews(stored: HostFacts, facts: HostFacts, conflict: CheckpointConflict | undefined): boolean {
  if (conflict && stored.checkpoint !== facts.checkpoint) return true;
  const lasting = ({ observedAtMs, checkpoint, ...others }: HostFacts) => others;
  return !isDeepStrictEqual(lasting(stored), lasting(facts));
}
