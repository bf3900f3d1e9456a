import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { type CallDraft, callDraftCodec } from '../../../shared/messages/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { parseDuration } from '../duration.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { digestHex, hostCount, type ReadRequest, readRequestView } from '../output/request-text.ts';
import { renderRollout, waveHosts } from '../output/rollout-text.ts';
import { requestToJson } from '../output/to-json.ts';
import { type RolloutOptions, rolloutFrom } from '../rollout-flags.ts';
import type { Terminal } from '../terminal.ts';

/** Options of `farcall request`. */
export interface RequestOptions extends CommonOptions, RolloutOptions {
  readonly file?: string;
  readonly hosts: string;
  readonly reason: string;
  readonly policy: string;
  readonly effect: string;
  readonly expires: string;
  readonly timeout: string;
}

/** Asks for a call; prints the id that approvers need. */
export async function request(
  context: CliContext,
  program: string | undefined,
  options: RequestOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const draft = draftFrom(await readProgram(terminal, program, options.file), options);
  return withSession(context, options, async ({ client, identity }) => {
    const read = readRequestView(await client.call('createRequest', draft));
    refuseOtherRequest(read, draft, identity.name);
    if (options.json) terminal.print(asciiJson(requestToJson(read)));
    else printCreated(terminal, read);
    return EXIT.ok;
  });
}

async function readProgram(
  terminal: Terminal,
  program: string | undefined,
  file: string | undefined,
): Promise<string> {
  if ((program === undefined) === (file === undefined)) {
    throw new FarcallError(
      'CONFIG_INVALID',
      'give the program either as the argument, - for stdin, or --file',
    );
  }
  if (program === '-') return terminal.readAll();
  if (program !== undefined) return program;
  try {
    return readFileSync(file ?? '', 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `--file: ${file} cannot be read`, { cause });
  }
}

/** The draft as the schema has it: what is wrong is said here, before anything is sent. */
function draftFrom(program: string, options: RequestOptions): CallDraft {
  const timeoutMs = parseDuration('--timeout', options.timeout);
  const rollout = rolloutFrom(options, timeoutMs);
  const draft = {
    program,
    selector: options.hosts,
    reason: options.reason,
    policy: options.policy,
    effect: options.effect,
    lifetimeMs: parseDuration('--expires', options.expires),
    timeoutMs,
    ...(rollout && { rollout }),
  };
  return callDraftCodec.decode(callDraftCodec.encode(draft as CallDraft));
}

/** Threat: a controller that makes another request of a draft, for approvers who trust the requester. */
function refuseOtherRequest({ request: made }: ReadRequest, draft: CallDraft, name: string): void {
  const same =
    made.requester === name &&
    made.program === draft.program &&
    made.selector === draft.selector &&
    made.reason === draft.reason &&
    made.policy === draft.policy &&
    made.effect === draft.effect &&
    made.timeoutMs === draft.timeoutMs &&
    isDeepStrictEqual(made.rollout, draft.rollout) &&
    made.expiresAtMs - made.createdAtMs === draft.lifetimeMs;
  if (!same)
    throw new FarcallError(
      'CONFLICT',
      `the controller made request ${made.id}, but not of what was asked for`,
    );
}

function printCreated(terminal: Terminal, { view, request: made, digest }: ReadRequest): void {
  terminal.print(`Request ${made.id} for ${hostCount(view.expectedHosts)}`);
  terminal.print(`  digest  ${digestHex(digest)}`);
  const { waves = [] } = view.rollout ?? {};
  if (made.rollout) for (const line of renderRollout(made)) terminal.print(line);
  if (waves.length > 1) terminal.print(`  waves   ${waveHosts(waves)}`);
  if (view.state === 'pending') {
    terminal.print(`  next    ${view.threshold} approvers run: farcall approve ${made.id}`);
  } else {
    terminal.print(`  state   ${view.state}`);
  }
  terminal.print(`  then    farcall watch ${made.id}`);
}
