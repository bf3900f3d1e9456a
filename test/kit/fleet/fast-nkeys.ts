import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { createRequire } from 'node:module';

/** What stands before the 32 bytes of an Ed25519 seed in PKCS #8 (RFC 8410, 7). */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Has the nkeys library compute by node:crypto in this process: what comes out is the same (Ed25519 is
 * deterministic), some hundred times as fast. Only for tests, which make a site for nearly each of them, and
 * the logins of thousands of hosts in one go. Controllers and agents in processes of their own compute by the
 * library itself.
 */
export function computeNkeysFast(): void {
  const { default: library } = createRequire(import.meta.url)('@nats-io/nkeys/lib/nacl.js') as {
    default: {
      sign: {
        keyPair: { fromSeed(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } };
        detached(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
      };
    };
  };
  const fromSeed = (seed: Uint8Array) => {
    const spki = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
    const publicKey = new Uint8Array(spki.subarray(-32));
    return { publicKey, secretKey: new Uint8Array([...seed, ...publicKey]) };
  };
  const detached = (message: Uint8Array, secretKey: Uint8Array): Uint8Array =>
    new Uint8Array(sign(null, message, privateKey(secretKey.subarray(0, 32))));
  library.sign.keyPair.fromSeed = fromSeed;
  library.sign.detached = Object.assign(detached, library.sign.detached);
}

function privateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_START, seed]), format: 'der', type: 'pkcs8' });
}
