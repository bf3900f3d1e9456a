import { connect } from 'node:net';
import { FarcallError } from '../errors/index.ts';
import { SshReader, sshString, u32 } from './ssh-encoding.ts';

/* Numbers of draft-ietf-sshm-ssh-agent, 6.1. */
const SSH_AGENT_FAILURE = 5;
const SSH_AGENTC_REQUEST_IDENTITIES = 11;
const SSH_AGENT_IDENTITIES_ANSWER = 12;
const SSH_AGENTC_SIGN_REQUEST = 13;
const SSH_AGENT_SIGN_RESPONSE = 14;

/** The longest reply that is read, as in OpenSSH. */
const REPLY_LIMIT_BYTES = 256 * 1024;
const KEYS_LIMIT = 1024;
/** An agent may ask its user first, or wait for a touch. */
const TIMEOUT_MS = 60_000;

/** A key in an agent: its public half as SSH encodes it, and what its user calls it. */
export interface AgentKey {
  readonly blob: Uint8Array;
  readonly comment: string;
}

/** A signature as an agent answers it. */
export interface AgentSignature {
  readonly algorithm: string;
  readonly bytes: Uint8Array;
}

/**
 * The keys in the agent at `socket`. Throws KEY_UNAVAILABLE if it cannot be reached, or answers otherwise.
 */
export async function agentKeys(socket: string): Promise<readonly AgentKey[]> {
  const reply = await exchange(socket, message(SSH_AGENTC_REQUEST_IDENTITIES));
  return readAgentKeys(reply);
}

/**
 * The signature of `data` by the key `blob`. Throws KEY_REFUSED if the agent refuses, and KEY_UNAVAILABLE as
 * {@link agentKeys}.
 */
export async function agentSignature(
  socket: string,
  blob: Uint8Array,
  data: Uint8Array,
): Promise<AgentSignature> {
  const content = Buffer.concat([sshString(blob), sshString(data), u32(0)]);
  const reply = await exchange(socket, message(SSH_AGENTC_SIGN_REQUEST, content));
  return readAgentSignature(reply);
}

/**
 * The keys in the reply of an agent, which is its type and its content. Throws KEY_UNAVAILABLE unless it is
 * such a reply to the last byte.
 */
export function readAgentKeys(reply: Uint8Array): readonly AgentKey[] {
  const reader = contentOf(reply, SSH_AGENT_IDENTITIES_ANSWER);
  const count = reader.u32();
  if (count > KEYS_LIMIT) throw invalid(`it has ${count} keys`);
  const keys: AgentKey[] = [];
  while (keys.length < count)
    keys.push({ blob: reader.string(), comment: Buffer.from(reader.string()).toString('utf8') });
  requireEnd(reader);
  return keys;
}

/** The signature in the reply of an agent. Throws as {@link agentSignature}. */
export function readAgentSignature(reply: Uint8Array): AgentSignature {
  const outer = contentOf(reply, SSH_AGENT_SIGN_RESPONSE);
  const reader = new SshReader(outer.string());
  requireEnd(outer);
  const algorithm = Buffer.from(reader.string()).toString('latin1');
  const bytes = reader.string();
  requireEnd(reader);
  return { algorithm, bytes };
}

function contentOf(reply: Uint8Array, type: number): SshReader {
  if (reply[0] === type) return new SshReader(reply.subarray(1));
  if (reply[0] === SSH_AGENT_FAILURE)
    throw new FarcallError(
      'KEY_REFUSED',
      'the ssh-agent refuses to sign: it is locked, the key was taken out of it, or somebody said no',
    );
  throw invalid(`it is of type ${reply[0]}`);
}

function requireEnd(reader: SshReader): void {
  if (!reader.isAtEnd) throw invalid('there is more in it');
}

function message(type: number, content: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([u32(content.length + 1), Buffer.of(type), content]);
}

/** Sends a message, and resolves to the reply without its length. */
function exchange(path: string, request: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect(path);
    const fail = (error: FarcallError): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(unavailable('the ssh-agent does not answer')));
    socket.on('error', cause => fail(unavailable(`no ssh-agent can be reached at ${path}`, cause)));
    socket.on('end', () => fail(unavailable('the ssh-agent closed the connection')));
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      const length = received.length < 4 ? undefined : received.readUInt32BE(0);
      if (length === undefined) return;
      if (length === 0 || length > REPLY_LIMIT_BYTES) return fail(invalid(`it has ${length} bytes`));
      if (received.length < 4 + length) return;
      socket.destroy();
      resolve(received.subarray(4, 4 + length));
    });
    socket.write(request);
  });
}

function unavailable(why: string, cause?: unknown): FarcallError {
  return new FarcallError('KEY_UNAVAILABLE', why, cause === undefined ? {} : { cause });
}

function invalid(why: string): FarcallError {
  return unavailable(`the ssh-agent answers what no agent answers: ${why}`);
}
