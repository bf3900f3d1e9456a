import { isDeepStrictEqual } from 'node:util';
import { FarcallError } from '../../shared/errors/index.ts';
import { type HostFacts, hostFactsCodec, hostHelloCodec } from '../../shared/messages/index.ts';
import { keyId, type PublicJwk, publicJwkSchema } from '../../shared/tokens/index.ts';
import type { CheckpointWitness } from '../audit/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { authenticHostStatement, type HostStatementDeps } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import { admitLateJoiner, type JoinerDeps } from '../requests/index.ts';
import type { CheckpointConflict, HostRegistration, HostStore } from '../store/index.ts';
import type { FactChanges } from './fact-changes.ts';

/** The stores and services that {@link receiveHello} uses. */
export interface HelloDeps extends JoinerDeps, HostStatementDeps {
  readonly hosts: Pick<HostStore, 'register'>;
  readonly witness: CheckpointWitness;
  readonly factChanges: FactChanges;
  readonly log: Logger;
}

/**
 * Stores the facts that an enrolled host reports. Throws TOKEN_KEY_UNKNOWN if the host is not enrolled, and
 * the codes of messages and tokens.
 *
 * Threat: somebody speaks for another host. The broker restricts each user to its own subject, and the facts
 * must be signed with the key that the host was enrolled with. No key is trusted because it came first.
 */
export async function receiveHello(deps: HelloDeps, { host, bytes }: HostMessage): Promise<undefined> {
  const registration = await verifiedHello(deps, host, bytes);
  const effect = await deps.hosts.register(registration);
  if (effect === 'deferred') deps.factChanges.defer({ host, bytes });
  else if (effect !== 'older') deps.factChanges.settle(host);
  const level = effect === 'registered' || effect === 'changed' ? 'info' : 'debug';
  deps.log[level]({ host, kid: registration.kid, effect }, 'host said hello');
  if (effect === 'registered' || effect === 'changed') await admitLateJoiner(deps, host);
}

async function verifiedHello(deps: HelloDeps, host: string, bytes: Uint8Array): Promise<HostRegistration> {
  const hello = hostHelloCodec.decode(bytes);
  const statement = { host, what: 'facts', bytes: hello.facts, signature: hello.signature } as const;
  const { kid, signedAtS, enrolled } = await authenticHostStatement(deps, statement);
  const { publicJwk } = enrolled;
  const facts = hostFactsCodec.decode(hello.facts);
  if (facts.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} sends the facts of ${facts.host}`);
  if (keyId(keyIn(facts)) !== kid)
    throw new FarcallError('MESSAGE_INVALID', `${host} names another key than the one it signs with`);
  const { checkpoint } = facts;
  const conflict = checkpoint === undefined ? undefined : await deps.witness.conflictOf(checkpoint, host);
  return {
    host,
    kid,
    publicJwk,
    facts: hello.facts,
    factsSignature: hello.signature,
    signedAtS,
    conflict,
    changedIn: stored => changedFacts(hostFactsCodec.decode(stored), facts, conflict),
    mayChange: () => conflict !== undefined || deps.factChanges.mayChange(host),
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

/**
 * The names of the facts that differ, besides time and checkpoint. The checkpoint is one of them where it
 * proves a conflict that is not stored yet.
 */
function changedFacts(
  stored: HostFacts,
  facts: HostFacts,
  conflict: CheckpointConflict | undefined,
): readonly string[] {
  const names = new Set([...Object.keys(stored), ...Object.keys(facts)]) as Set<keyof HostFacts>;
  return [...names].sort().filter(name => {
    if (name === 'observedAtMs' || (name === 'checkpoint' && !conflict)) return false;
    return !isDeepStrictEqual(stored[name], facts[name]);
  });
}

/** Stores the hellos that waited because the facts of their hosts had changed too often. Never throws. */
export async function receiveDeferredHellos(deps: HelloDeps): Promise<void> {
  for (const message of deps.factChanges.takeDue()) {
    try {
      await receiveHello(deps, message);
    } catch (err) {
      deps.log.warn({ host: message.host, err }, 'hello that waited is refused');
    }
  }
}
