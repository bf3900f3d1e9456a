import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import type { RequestView, WaveView } from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../../shared/outcome/index.ts';
import { hostCount, type ReadRequest, readRequestView, requestToJson, sumOf } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { standingText } from '../output/standing.ts';
import { cut } from '../output/text-width.ts';
import { renderWaves, waveName, wavesOf } from '../output/waves.ts';
import { isAgreed, showRequest } from './confirm.ts';

/** Options of what a person says to a rollout. */
export interface ActOptions extends CommonOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** Options of `farcall retry`. */
export interface RetryOptions extends ActOptions {
  readonly only: string;
}

/** What a person says to a rollout, in words. */
interface Act {
  /** What will happen; undefined where it is done without asking. */
  readonly preview?: (read: ReadRequest) => Preview;
  readonly question: string;
  readonly done: string;
  readonly send: (client: Client, meant: Meant) => Promise<RequestView>;
}

/** What a person is told before he is asked. */
interface Preview {
  readonly lines: readonly string[];
  /** Those that a yes sends an order to, now or without another question. */
  readonly hosts: number;
}

type Client = Parameters<Parameters<typeof withSession>[2]>[0]['client'];

interface Meant {
  readonly id: string;
  readonly reason: string;
  /** The newest wave that was ordered when the person looked: what he says does not reach a later one. */
  readonly wave: number;
}

/** Halts a rollout: no further wave is ordered. Not asked for twice: whoever sees smoke must not have to read first. */
export function pause(context: CliContext, id: string, options: ActOptions): Promise<ExitCode> {
  return act(context, id, options, {
    question: '',
    done: 'Paused: hosts that have the order go on, and no further wave begins.',
    send: (client, meant) => client.call('pauseRollout', { ...meant, wave: 0 }),
  });
}

/** Has a paused or mended rollout go on. */
export function resume(context: CliContext, id: string, options: ActOptions): Promise<ExitCode> {
  return act(context, id, options, {
    preview: resumePreview,
    question: 'Resume',
    done: 'Resumed.',
    send: (client, meant) => client.call('resumeRollout', meant),
  });
}

/** Sends the wave that waits for a person. */
export function promote(context: CliContext, id: string, options: ActOptions): Promise<ExitCode> {
  return act(context, id, options, {
    preview: nextWave,
    question: 'Promote',
    done: 'Promoted.',
    send: (client, meant) => client.call('promoteRollout', meant),
  });
}

/** Has hosts on which nothing ran try again, into the same report. */
export function retry(context: CliContext, id: string, options: RetryOptions): Promise<ExitCode> {
  const only = outcomesOf(options.only);
  return act(context, id, options, {
    preview: ({ view }) => retryPreview(view, only),
    question: 'Try again',
    done: 'A new attempt is ordered.',
    send: (client, { id: requestId, reason }) =>
      client.call('retryRequest', { id: requestId, reason, only: [...only] }),
  });
}

function act(context: CliContext, id: string, options: ActOptions, kind: Act): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity }) => {
    const { terminal } = context;
    const read = readRequestView(await client.call('getRequest', { id }), id);
    const { preview, question, done, send } = kind;
    if (preview) {
      // With --json, stdout is for the answer.
      const print = options.json ? terminal.warn : terminal.print;
      const { lines, hosts } = preview(read);
      showRequest(context, read, options);
      for (const line of [...rolloutLines(read, terminal.columns), '', ...lines]) print(line);
      if (!(await isAgreed(context, options, { text: question, identity, hosts }))) {
        terminal.warn('Nothing is changed.');
        return EXIT.declined;
      }
    }
    const meant = { id, reason: options.reason, wave: newestWave(read.view) };
    const after = readRequestView(await send(client, meant), id);
    if (options.json) terminal.print(asciiJson(requestToJson(after)));
    else for (const line of [done, ...rolloutLines(after, terminal.columns)]) terminal.print(line);
    return EXIT.ok;
  });
}

function rolloutLines(read: ReadRequest, width: number): string[] {
  return [cut(standingText(read), width), ...renderWaves(read, width)];
}

function newestWave(view: RequestView): number {
  const begun = wavesOf(view).filter(({ state }) => state !== 'pending');
  return begun.at(-1)?.number ?? 0;
}

/** What goes on, and where a person is asked again: as the signed request says. */
function resumePreview(read: ReadRequest): Preview {
  const { view, request } = read;
  const open = wavesOf(view).find(
    ({ state }) => state === 'running' || state === 'baking' || state === 'failed',
  );
  const gate = view.rollout?.state === 'stopped' ? ['It goes on only if its gate holds by now.'] : [];
  const later = hostsUntilAsked(read);
  if (open) return { lines: [`${capital(waveName(open))} goes on.`, ...gate], hosts: open.hosts + later };
  const isManual = request.rollout?.waves[newestWave(view) - 1]?.manual === true;
  const waits = isManual ? ['It waits for farcall promote before that.'] : [];
  return { lines: [...nextWave(read).lines, ...waits], hosts: isManual ? 0 : later };
}

/** The wave that comes next, and what is behind it: each of these begins by itself, unless it is manual. */
function nextWave(read: ReadRequest): Preview {
  const { view } = read;
  const waves = wavesOf(view);
  const [next, ...later] = waves.filter(({ state }) => state === 'pending');
  if (!next) return { lines: ['No wave is left: nothing further is ordered.'], hosts: 0 };
  const others = later.reduce((sum, { hosts }) => sum + hosts, 0);
  const behind = `${later.length} ${later.length === 1 ? 'wave' : 'waves'} (${hostCount(others)})`;
  const after = later.length > 0 ? `; ${behind} behind it` : '';
  const lines = [`${capital(waveName(next))} of ${waves.length} begins${after}.`];
  return { lines, hosts: hostsUntilAsked(read) };
}

/** The hosts of the waves that will begin one after the other, up to the first that waits for a person again. */
function hostsUntilAsked({ view, request }: ReadRequest): number {
  let hosts = 0;
  for (const wave of wavesOf(view)) {
    if (wave.state !== 'pending') continue;
    hosts += wave.hosts;
    if (request.rollout?.waves[wave.number - 1]?.manual) break;
  }
  return hosts;
}

/** Which hosts a retry is for, by wave, and that each decides by its own journal. */
function retryPreview(view: RequestView, only: readonly Outcome[]): Preview {
  const meant = (wave: WaveView): number =>
    sumOf(wave.outcomes.filter(({ outcome }) => only.includes(outcome)));
  const waves = wavesOf(view).filter(wave => meant(wave) > 0);
  const hosts = waves.reduce((sum, wave) => sum + meant(wave), 0);
  const lines = [
    `${hostCount(hosts)} that ended as ${only.join(' or ')} try again:`,
    ...waves.map(wave => `  ${meant(wave)} of ${waveName(wave)}`),
    'A host runs it only where its own journal says that nothing ran before; others send what they have again.',
  ];
  return { lines, hosts };
}

function outcomesOf(text: string): readonly Outcome[] {
  const names = [...new Set(text.split(',').map(name => name.trim()))];
  const wrong = names.find(name => !(OUTCOME_NAMES as readonly string[]).includes(name));
  if (wrong === undefined) return names as Outcome[];
  throw new FarcallError(
    'CONFIG_INVALID',
    `--only: '${wrong}' is no outcome; there are ${OUTCOME_NAMES.join(', ')}`,
  );
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
