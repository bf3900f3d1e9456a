import { type ChildProcess, fork } from 'node:child_process';
import { programPath } from '../assets/index.ts';
import { FarcallError } from '../errors/index.ts';
import { readSecretText } from '../files/index.ts';
import type { Mechanism, TokenAnswer, TokenCall } from './token-messages.ts';
import type { Pkcs11Key } from './uri.ts';

/** A person may have to touch the token, or to type a PIN on it. */
const TIMEOUT_MS = 60_000;
/** A process that nobody needs for so long is ended: it holds some 45 MB, and a session with the token. */
const IDLE_MS = 60_000;
/** Most calls that wait for their turn. */
const WAITING_LIMIT = 1000;

/** Asks a person for the PIN of `token`. Resolves to undefined if there is nobody to ask. */
export type AskPin = (token: string) => Promise<string | undefined>;

/** A key in a PKCS#11 token. It never leaves its token. */
export interface Pkcs11Token {
  /** The 32 bytes of the Ed25519 public key. Throws KEY_UNAVAILABLE. */
  point(): Promise<Uint8Array>;
  /**
   * The signature of `data`: 64 bytes for EDDSA, r and s for ECDSA. Throws KEY_UNAVAILABLE, KEY_REFUSED,
   * FILE_UNREADABLE if the file with the PIN cannot be read, and RATE_LIMITED if too many calls wait.
   */
  sign(mechanism: Mechanism, data: Uint8Array): Promise<Uint8Array>;
}

/**
 * The key that `key` names. The library of the token runs in a process of its own, which is started with the
 * first call. It can crash, hang or leak there, and it sees neither memory nor sockets of farcall. Calls are
 * answered one after another.
 */
export function pkcs11Token(key: Pkcs11Key, askPin?: AskPin): Pkcs11Token {
  const { pinFile, ...inToken } = key;
  const token = new TokenProcess();
  const pins = new Pins(key, askPin);
  return {
    point: () => token.inTurn(() => token.bytes({ key: inToken, want: 'point' })),
    sign: (mechanism, data) =>
      token.inTurn(() => withPin(token, pins, { ...{ key: inToken, mechanism, data }, want: 'signature' })),
  };
}

/**
 * Makes an Ed25519 key in the token, with the label and id that `key` names; resolves to the 32 bytes of its
 * public half. Throws CONFLICT if the token has such a key, and as {@link Pkcs11Token.sign}.
 */
export async function newPkcs11Key(key: Pkcs11Key, askPin?: AskPin): Promise<Uint8Array> {
  const { pinFile, ...inToken } = key;
  return withPin(new TokenProcess(), new Pins(key, askPin), { key: inToken, want: 'new-key' });
}

type PinCall = Extract<TokenCall, { readonly pin: unknown }>;
type WithoutPin<Call> = Call extends unknown ? Omit<Call, 'pin'> : never;

async function withPin(token: TokenProcess, pins: Pins, call: WithoutPin<PinCall>): Promise<Uint8Array> {
  const answer = await token.call({ ...call, pin: undefined });
  if (!('pinNeeded' in answer)) return bytesOf(answer);
  const pin = await pins.get();
  const given = await token.call({ ...call, pin });
  if ('failed' in given && given.failed.isPinRefused) pins.refused(pin, given.failed.message);
  return bytesOf(given);
}

/**
 * The PIN of one key.
 *
 * Threat: a token locks itself after a few wrong PINs, and a service that tries again and again with the same
 * wrong one makes that happen. So a PIN that was refused is never tried a second time in this process; a file
 * with another PIN is.
 */
class Pins {
  readonly #key: Pkcs11Key;
  readonly #askPin: AskPin | undefined;
  #answered: string | undefined;
  #refused: { readonly pin: string; readonly why: string } | undefined;

  constructor(key: Pkcs11Key, askPin: AskPin | undefined) {
    this.#key = key;
    this.#askPin = askPin;
  }

  async get(): Promise<string> {
    const { pinFile } = this.#key;
    const pin = pinFile === undefined ? await this.#answer() : readSecretText(pinFile, 'PIN file');
    if (this.#refused?.pin === pin)
      throw new FarcallError('KEY_REFUSED', `${this.#refused.why}; it is not tried again`);
    return pin;
  }

  /** Asks once: another signature of the same command takes the same answer. */
  async #answer(): Promise<string> {
    if (this.#answered !== undefined) return this.#answered;
    const { token } = this.#key;
    if (!this.#askPin)
      throw new FarcallError(
        'KEY_REFUSED',
        `the token '${token}' wants a PIN, and there is no terminal to ask on; name a file with it in pin-source`,
      );
    const answer = await this.#askPin(token);
    if (answer === undefined) throw new FarcallError('KEY_REFUSED', 'no PIN was given');
    this.#answered = answer;
    return answer;
  }

  refused(pin: string, why: string): void {
    this.#refused = { pin, why };
  }
}

/** The process that runs the library of one token. */
class TokenProcess {
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;

  /** Runs `work` when all that came before is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_LIMIT)
      return Promise.reject(
        new FarcallError('RATE_LIMITED', 'too many signatures wait for the token; try again later'),
      );
    this.#waiting++;
    const turn = this.#last.then(work).finally(() => this.#waiting--);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async bytes(call: TokenCall): Promise<Uint8Array> {
    return bytesOf(await this.call(call));
  }

  /** A session may have ended since the last call: then the same is tried once in another process. */
  async call(call: TokenCall): Promise<TokenAnswer> {
    const isFirst = this.#child === undefined;
    const answer = await this.#exchange(call);
    const isLost = 'failed' in answer && answer.failed.code === 'KEY_UNAVAILABLE';
    return isLost && !isFirst ? this.#exchange(call) : answer;
  }

  #exchange(call: TokenCall): Promise<TokenAnswer> {
    clearTimeout(this.#idle);
    this.#child ??= startProcess();
    const child = this.#child;
    child.ref();
    child.channel?.ref();
    const { promise, resolve } = Promise.withResolvers<TokenAnswer>();
    const timer = setTimeout(() => resolve(failed('the token does not answer')), TIMEOUT_MS);
    const ended = (): void => resolve(failed('the library of the token ended its process'));
    child.once('message', resolve).once('exit', ended).once('error', ended);
    child.send(call, error => error && ended());
    return promise.then(answer => {
      clearTimeout(timer);
      child.off('message', resolve).off('exit', ended).off('error', ended);
      if ('failed' in answer) this.#end();
      else this.#rest(child);
      return answer;
    });
  }

  /** The process does not keep ours alive, and ends if it is not needed again soon. */
  #rest(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
  }

  #end(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.on('error', () => undefined);
    child?.kill('SIGKILL');
  }
}

function startProcess(): ChildProcess {
  const path = programPath('token-process', import.meta.url);
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
  return fork(path, { serialization: 'advanced', execArgv: [], stdio: [...stdio] });
}

function failed(message: string): TokenAnswer {
  return { failed: { code: 'KEY_UNAVAILABLE', message, isPinRefused: false } };
}

function bytesOf(answer: TokenAnswer): Uint8Array {
  if ('bytes' in answer) return answer.bytes;
  if ('failed' in answer) throw new FarcallError(answer.failed.code, answer.failed.message);
  throw new FarcallError('KEY_REFUSED', 'the token wants a PIN again');
}
