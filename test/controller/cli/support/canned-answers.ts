import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerLimits, type OperatorHandlers, startApi } from '../../../../controller/api/index.ts';
import { wavesOf } from '../../../../controller/cli/output/waves.ts';
import { runCli } from '../../../../controller/cli/run-cli.ts';
import { createLogger } from '../../../../controller/log/index.ts';
import { hostCounter } from '../../../../controller/report/index.ts';
import { systemClock } from '../../../../shared/clock/index.ts';
import { CounterSet } from '../../../../shared/counters/index.ts';
import {
  type CallRequest,
  type ControllerStatus,
  callRequestCodec,
  type HostReport,
  type RequestView,
  type RolloutView,
  type TrustReply,
  type WaveView,
} from '../../../../shared/messages/index.ts';
import type { Outcome } from '../../../../shared/outcome/index.ts';
import { writeKeyFile } from '../../../../shared/tokens/index.ts';
import { encodeTrustBundle, type TrustBundle } from '../../../../shared/trust/index.ts';
import { BUNDLE, KEYS, START_MS } from '../../../kit/cast.ts';
import { type TestTerminal, testTerminal } from '../../../kit/terminal-kit.ts';

/** The site of the answers: the same in each run, as goldens show it. */
export const SITE = 'LabQ9sd0vFpR1kWm3XyZ7tUcB5nHjEaG2iKo4LqSe6w';

/** A request in three waves: a canary of 5, ten per cent, the rest. */
export const REQUEST: CallRequest = {
  protocol: 1,
  site: SITE,
  id: '7k2m9x4qw8rt',
  requester: 'alice',
  program: 'f()',
  selector: 'env=prod',
  reason: 'INC-17: wake it',
  policy: 'standard',
  effect: 'call',
  createdAtMs: START_MS,
  expiresAtMs: START_MS + 3_600_000,
  timeoutMs: 30_000,
  rollout: {
    waves: [
      { size: '5', bakeMs: 60_000, manual: true },
      { size: '10%', bakeMs: 0, manual: false },
      { size: 'rest', bakeMs: 0, manual: false },
    ],
    gate: {
      ...{ maxFailedHosts: 50, maxFailedPermille: 20, failing: ['refused', 'load-error'] },
      ...{ health: true, notApplicableOk: false },
    },
    answerWithinMs: 60_000,
  },
};

const wave = (number: number, hosts: number, rest: Partial<WaveView> = {}): WaveView => ({
  ...{ number, hosts, state: 'pending', outcomes: [], failed: 0, unhealthy: 0 },
  ...rest,
});

const first = wave(1, 5, { state: 'passed', outcomes: [{ outcome: 'returned', hosts: 5 }] });

const viewOf = (state: RequestView['state'], rollout: RolloutView): RequestView => {
  const counts = new Map<Outcome, number>();
  for (const { outcomes } of rollout.waves)
    for (const { outcome, hosts } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + hosts);
  return {
    ...{ request: callRequestCodec.encode(REQUEST), state, approvers: ['bob', 'carol'], threshold: 2 },
    ...{ kernels: [], decisions: [], expectedHosts: 5000, rollout, emptySeats: [], limited: [] },
    outcomes: [...counts].map(([outcome, hosts]) => ({ outcome, hosts })),
  };
};

const rolloutOf = (state: RolloutView['state'], waves: WaveView[], reason = ''): RolloutView => ({
  ...{ state, attempt: 1, waves, reason },
});

/** The request in several states. */
export const VIEWS = {
  awaiting: viewOf('dispatched', rolloutOf('awaiting-promotion', [first, wave(2, 500), wave(3, 4495)])),
  running: viewOf(
    'dispatched',
    rolloutOf('running', [
      first,
      wave(2, 500, {
        state: 'running',
        outcomes: [
          { outcome: 'returned', hosts: 310 },
          { outcome: 'load-error', hosts: 2 },
        ],
        failed: 2,
        answerByMs: START_MS + 60_000,
      }),
      wave(3, 4495),
    ]),
  ),
  paused: viewOf(
    'dispatched',
    rolloutOf('paused', [first, wave(2, 500), wave(3, 4495)], 'alice: odd\u001b[31m'),
  ),
  stopped: viewOf(
    'dispatched',
    rolloutOf(
      'stopped',
      [
        first,
        wave(2, 500, {
          state: 'failed',
          outcomes: [
            { outcome: 'returned', hosts: 481 },
            { outcome: 'load-error', hosts: 12 },
            { outcome: 'unreachable', hosts: 7 },
          ],
          failed: 12,
          unhealthy: 1,
        }),
        wave(3, 4495),
      ],
      '12 of 500 hosts failed, and 2% may',
    ),
  ),
  done: viewOf(
    'finished',
    rolloutOf('done', [
      first,
      wave(2, 500, { state: 'passed', outcomes: [{ outcome: 'returned', hosts: 500 }] }),
      wave(3, 4495, {
        state: 'passed',
        outcomes: [
          { outcome: 'returned', hosts: 4476 },
          { outcome: 'load-error', hosts: 12 },
          { outcome: 'expired', hosts: 7 },
        ],
        failed: 12,
      }),
    ]),
  ),
} satisfies Record<string, RequestView>;

/** The status of a controller that can do everything. */
export const WELL: ControllerStatus = {
  ...{ controller: 'ctl-1', nowMs: Date.now(), storeState: 'ok', waitingRequests: 0 },
  ...{ clocksKnown: 0, clocksWrong: 0, clocks: [] },
};

/** What a controller says whose newest trust bundle is `bundle`. */
export function trustReplyOf(bundle: TrustBundle): TrustReply {
  const signed = { bundle: encodeTrustBundle(bundle), signatures: ['a.b.c'] };
  return { bundles: [signed], lastVersion: 1, newestVersion: 1 };
}

/** The answers of a controller, by method. The calls go through real gRPC. */
export type CannedAnswers = Partial<OperatorHandlers>;

/** The exit code and the output of a command line. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `farcall ARGS` against an API with these answers. A call without an answer is a bug in the test. */
export async function farcallAgainst(
  answers: CannedAnswers,
  args: readonly string[],
  terminal: TestTerminal = testTerminal(),
  moreEnv: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-answers-'));
  const listen = `unix:${join(folder, 'api.sock')}`;
  writeKeyFile(join(folder, 'alice.key'), KEYS.alice);
  const api = await startApi({
    ...{ listen, tls: undefined, redeem: undefined, log: createLogger('silent') },
    limits: callerLimits(systemClock, new CounterSet()),
    authenticate: async () => ({ name: 'alice', roles: new Set(), kid: 'k' }),
    handlers: {
      getStatus: async () => ({ ...WELL, nowMs: Date.now() }),
      getTrust: async () => trustReplyOf(BUNDLE),
      ...answers,
    } as OperatorHandlers,
  });
  const env = {
    ...{
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      FARCALL_NAME: 'alice',
      FARCALL_SITE: SITE,
      FARCALL_CONTROLLER: listen,
    },
    FARCALL_KEY: join(folder, 'alice.key'),
    ...moreEnv,
  };
  try {
    const code = await runCli(args, { terminal, clock: systemClock, env });
    return { code, stdout: terminal.text(), stderr: terminal.stderr.join('\n') };
  } finally {
    await api.close();
    rmSync(folder, { recursive: true });
  }
}

/** Answers about a view: the view itself, and hosts with the outcomes that it counts, wave by wave. */
export function answersAbout(view: RequestView): CannedAnswers {
  return {
    getRequest: async () => view,
    async *watchRequest() {
      yield { request: view };
    },
    async getReport({ id, groupBy, limit }) {
      const counter = hostCounter(groupBy);
      for (const [index, { host, outcome, wave: number }] of hostsOf(view).entries()) {
        const errno = outcome === 'load-error' ? 'EKEYREJECTED' : undefined;
        const value = outcome === 'returned' ? `(int)${index % 100 === 0 ? -1 : 0}` : undefined;
        const summary = outcome && { attempt: 1, outcome, ...(errno && { errno }), ...(value && { value }) };
        const kernel = index % 3 === 0 ? '6.1.0-40-amd64' : '6.12.48+deb13-amd64';
        counter.add({ host, kernel, arch: 'x86_64', wave: number, outcome: outcome ?? null, summary }, true);
      }
      return { id, state: view.state, expectedHosts: view.expectedHosts, ...counter.counted(limit) };
    },
  };
}

function hostsOf(view: RequestView): HostReport[] {
  const hosts: HostReport[] = [];
  for (const { number, hosts: size, outcomes } of wavesOf(view)) {
    const ends = outcomes.flatMap(({ outcome, hosts: count }) => Array<Outcome>(count).fill(outcome));
    for (let index = 0; index < size; index++) {
      const host = `web-${String(hosts.length + 1).padStart(4, '0')}`;
      const attempt = { wave: number, attempt: 1, kernelRelease: '6.12', arch: 'x86_64' };
      hosts.push({ host, ...attempt, ...(ends[index] && { outcome: ends[index] }) });
    }
  }
  return hosts;
}
