import { describe, expect, it } from 'vitest';
import type { Until } from '../../../../../controller/cli/commands/run/until.ts';
import { EXIT } from '../../../../../controller/cli/core/index.ts';
import type { RequestView } from '../../../../../shared/messages/index.ts';
import { splitCanonicalToken } from '../../../../../shared/tokens/index.ts';
import { testTerminal } from '../../../../kit/terminal-kit.ts';
import {
  answersAbout,
  type CannedAnswers,
  farcallAgainst,
  REQUEST,
  VIEWS,
} from '../../support/canned-answers.ts';

const { id } = REQUEST;
const golden = (name: string): string => `../../golden/${name}.txt`;

describe.each([80, 160])('at %i columns', columns => {
  const print = async (view: RequestView, ...args: string[]): Promise<string> => {
    const { stdout } = await farcallAgainst(answersAbout(view), args, testTerminal({ columns }));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout).toMatch(/^[ -~\n…]*$/);
    return stdout;
  };

  it.each(Object.keys(VIEWS) as (keyof typeof VIEWS)[])(
    'the report of a request that is %s fits the terminal',
    async name => {
      await expect(await print(VIEWS[name], 'report', id)).toMatchFileSnapshot(
        golden(`report-${name}-${columns}`),
      );
    },
  );

  it('a report can be grouped by kernel and wave', async () => {
    const text = await print(VIEWS.done, 'report', id, '--group-by', 'outcome,kernel,wave,errno');
    await expect(text).toMatchFileSnapshot(golden(`report-groups-${columns}`));
  });

  it('promote, retry and resume show their consequences before they ask', async () => {
    const asked = async (view: RequestView, ...args: string[]): Promise<string> => {
      const terminal = testTerminal({ columns, canAsk: true, ask: async () => 'n' });
      const { code, stdout } = await farcallAgainst(answersAbout(view), args, terminal);
      expect(code).toBe(EXIT.declined);
      return stdout.replace(/ UTC \((expired|in .*)\)$/m, ' UTC (…)');
    };
    const text = [
      await asked(VIEWS.awaiting, 'promote', id, '--reason', 'well'),
      await asked(VIEWS.stopped, 'retry', id, '--reason', 'mended', '--only', 'unreachable,load-error'),
      await asked(VIEWS.paused, 'resume', id, '--reason', 'well'),
    ].join('---\n');
    await expect(text).toMatchFileSnapshot(golden(`previews-${columns}`));
  });
});

describe('watching waves', () => {
  const answers = (...views: RequestView[]): CannedAnswers => ({
    ...answersAbout(views.at(-1) ?? VIEWS.done),
    getRequest: async () => views[0] ?? VIEWS.done,
    async *watchRequest(_query, _caller, signal) {
      for (const view of views) yield { request: view };
      // A request that is not over has a watcher who waits.
      if (views.at(-1)?.state === 'dispatched' && !signal.aborted)
        await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    },
  });
  const pending: RequestView = { ...VIEWS.awaiting, state: 'pending', rollout: undefined };
  const expired: RequestView = { ...pending, state: 'expired' };
  /** Its gate stopped it, and seven hosts of the wave try again. */
  const retried: RequestView = {
    ...VIEWS.stopped,
    rollout: {
      ...VIEWS.stopped.rollout!,
      attempt: 2,
      waves: VIEWS.stopped.rollout!.waves.map(wave => ({
        ...wave,
        outcomes: wave.outcomes.filter(({ outcome }) => outcome !== 'unreachable'),
      })),
    },
  };
  const aborted: RequestView = { ...VIEWS.done, state: 'aborted' };
  const well: RequestView = { ...VIEWS.done, outcomes: [{ outcome: 'returned', hosts: 5000 }] };

  it('a watch in a pipe prints the last status of its request once', async () => {
    const { stdout } = await farcallAgainst(answers(well, well), ['watch', id], testTerminal());
    expect(stdout.split('\n').filter(line => line.startsWith(`${id} finished`))).toHaveLength(1);
  });

  const ends: readonly [string, Until | undefined, RequestView[], number][] = [
    ['all is well', undefined, [VIEWS.running, well], EXIT.ok],
    ['some hosts failed', 'done', [VIEWS.running, VIEWS.done], EXIT.hostsFailed],
    ['the gate stopped it', 'done', [VIEWS.running, VIEWS.stopped], EXIT.stopped],
    ['the gate stopped it', 'wave', [VIEWS.running, VIEWS.stopped], EXIT.stopped],
    ['the gate stopped it', 'promotion', [VIEWS.running, VIEWS.stopped], EXIT.stopped],
    ['somebody paused it', 'promotion', [VIEWS.running, VIEWS.paused], EXIT.halted],
    ['a wave waits', 'promotion', [pending, VIEWS.awaiting], EXIT.ok],
    ['a wave waits', 'done', [pending, VIEWS.awaiting], EXIT.halted],
    ['a wave ended', 'wave', [pending, VIEWS.running], EXIT.ok],
    ['it was aborted', undefined, [VIEWS.running, aborted], EXIT.aborted],
    ['nobody approved', 'wave', [pending, expired], EXIT.expired],
    ['the gate stopped it', undefined, [VIEWS.running, VIEWS.stopped], EXIT.stopped],
    ['somebody paused it', undefined, [VIEWS.running, VIEWS.paused], EXIT.halted],
    ['a wave waits', undefined, [VIEWS.running, VIEWS.awaiting], EXIT.halted],
    ['approvals are missing', undefined, [pending], EXIT.unapproved],
    ['a retry of a stopped one is over', undefined, [retried, VIEWS.done], EXIT.hostsFailed],
  ];
  it.each(ends)('if %s, a watch until %s ends with its exit code', async (_name, until, views, exit) => {
    const args = ['watch', id, ...(until ? ['--until', until] : [])];
    expect((await farcallAgainst(answers(...views), args)).code).toBe(exit);
  });

  it.each([
    ['approve', pending, `farcall approve ${id}`],
    ['promote', VIEWS.awaiting, `farcall promote ${id} --reason …    starts wave 2 (500 hosts)`],
    ['resume', VIEWS.paused, `farcall resume ${id}`],
    [
      'retry',
      VIEWS.stopped,
      `farcall retry ${id} --only load-error,unreachable --reason …    tries again on 19 hosts`,
    ],
  ])('a watch that ends because a person must act names the command: %s', async (_name, view, command) => {
    const { stdout } = await farcallAgainst(answers(view), ['watch', id], testTerminal({ columns: 200 }));
    expect(stdout).toContain(command);
    expect(stdout).toContain(`farcall abort ${id} --reason …    ends it`);
  });

  it.each([
    [VIEWS.awaiting, EXIT.halted],
    [VIEWS.paused, EXIT.halted],
    [VIEWS.running, EXIT.unfinished],
    [VIEWS.stopped, EXIT.stopped],
    [pending, EXIT.unapproved],
    [expired, EXIT.expired],
  ])('a report ends with the exit code of the request: %#', async (view, exit) => {
    expect((await farcallAgainst(answersAbout(view), ['report', id, '--group-by', 'wave'])).code).toBe(exit);
  });

  it('without a terminal, a watch prints a line for each wave that changed', async () => {
    const { stdout } = await farcallAgainst(answers(VIEWS.running, VIEWS.done), ['watch', id]);
    await expect(stdout).toMatchFileSnapshot(golden('watch-lines'));
  });

  it('on a terminal, a watch redraws the bars in one place', async () => {
    const drawn: string[] = [];
    const terminal = testTerminal({
      ...{ isInteractive: true, columns: 100, rows: 30, write: (text: string) => void drawn.push(text) },
    });
    await farcallAgainst(answers(VIEWS.running, VIEWS.done), ['watch', id], terminal);
    await expect(drawn.join('').replaceAll('\u001b', '<ESC>')).toMatchFileSnapshot(golden('watch-live'));
  });

  it('Ctrl-C ends a watch and restores the terminal', async () => {
    const drawn: string[] = [];
    let interrupt = (): void => {};
    const terminal = testTerminal({
      ...{ isInteractive: true, columns: 100, rows: 30 },
      onInterrupt: listener => {
        interrupt = listener;
        return () => {};
      },
      write: text => {
        drawn.push(text);
        if (text.includes('wave 2/3  running')) interrupt();
      },
    });
    const { code, stderr } = await farcallAgainst(answers(VIEWS.running), ['watch', id], terminal);
    expect(code).toBe(EXIT.interrupted);
    expect(stderr).toBe(`The request goes on. To follow it again: farcall watch ${id}`);
    expect(drawn.at(-1)).toMatch(/\?25h$/);
    expect(terminal.stdout).toEqual([]);
  });

  it('a watch is drawn again when the size of the window changes', async () => {
    const drawn: string[] = [];
    let resize = (): void => {};
    const terminal = testTerminal({
      ...{
        isInteractive: true,
        rows: 30,
        onResize: listener => {
          resize = listener;
          return () => {};
        },
      },
      write: text => {
        drawn.push(text);
        if (drawn.length === 1) {
          columns = 60;
          resize();
        }
      },
    });
    let columns = 100;
    Object.defineProperty(terminal, 'columns', { get: () => columns });
    await farcallAgainst(answers(VIEWS.running, VIEWS.done), ['watch', id], terminal);
    expect(drawn[0]).toMatch(/.{80}/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of the live table
    const again = (drawn[1] ?? '').replace(/\u001b\[\??\d*[A-Za-z]/g, '').split('\n');
    expect(again.length).toBeGreaterThan(3);
    for (const line of again) expect(line.length).toBeLessThan(60);
  });

  it('the JSON of a watch contains the waves', async () => {
    const { stdout } = await farcallAgainst(answers(VIEWS.running, VIEWS.done), ['watch', id, '--json']);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(events.map(({ status }) => status.rollout.state)).toEqual(['running', 'done']);
  });
});

describe('controlling a rollout', () => {
  const sent: unknown[] = [];
  /** Notes what the token of an action says about it. */
  const acting = (view: RequestView): CannedAnswers => ({
    ...answersAbout(view),
    async submitAction({ id: about, token }) {
      const { action, wave, reason, only } = splitCanonicalToken(token).payload;
      sent.push({ id: about, action, wave, reason, ...(only !== undefined && { only }) });
      return VIEWS.running;
    },
  });
  const run = async (view: RequestView, ...args: string[]) => {
    sent.length = 0;
    const { code, stderr } = await farcallAgainst(acting(view), [...args, '--reason', 'r']);
    return { code, stderr, sent: [...sent] };
  };

  it('promote and resume name the wave that the operator saw, so that they do not reach a later one', async () => {
    expect(await run(VIEWS.awaiting, 'promote', id, '--yes')).toMatchObject({
      code: 0,
      sent: [{ id, action: 'promote', reason: 'r', wave: 1 }],
    });
    expect(await run(VIEWS.stopped, 'resume', id, '--yes')).toMatchObject({
      sent: [{ action: 'resume', wave: 2 }],
    });
  });

  it('a pause needs no confirmation, and applies to whichever wave runs', async () => {
    expect(await run(VIEWS.running, 'pause', id)).toMatchObject({
      code: 0,
      sent: [{ id, action: 'pause', reason: 'r', wave: 0 }],
    });
  });

  it('a retry names the outcomes of its hosts, and an unknown outcome is refused', async () => {
    const only = (text: string) => run(VIEWS.stopped, 'retry', id, '--yes', '--only', text);
    expect(await only('unreachable, load-error')).toMatchObject({
      sent: [{ id, action: 'retry', reason: 'r', wave: 2, only: ['unreachable', 'load-error'] }],
    });
    expect(await only('broken')).toMatchObject({
      ...{ code: EXIT.usage, sent: [] },
      stderr: expect.stringContaining("--only: 'broken' is not an outcome"),
    });
  });

  it.each([
    ['promote', VIEWS.stopped, [], `request ${id} is stopped; no wave waits for promotion`],
    ['promote', VIEWS.done, [], `request ${id} is done; no wave waits for promotion`],
    ['resume', VIEWS.awaiting, [], `request ${id} is awaiting-promotion; there is nothing to resume`],
    ['retry', VIEWS.stopped, ['--only', 'refused'], `no host of request ${id} ended as refused`],
  ] as const)(
    '%s asks nothing where the controller would refuse it: %#',
    async (name, view, more, reason) => {
      const { code, stderr, sent } = await run(view, name, id, '--yes', ...more);
      expect({ code, sent }).toEqual({ code: EXIT.refused, sent: [] });
      expect(stderr).toContain(`farcall: ${reason} [CONFLICT]`);
    },
  );

  it.each([
    ['promote', VIEWS.awaiting],
    ['resume', VIEWS.paused],
  ] as const)('without a terminal and without --yes, %s does nothing', async (name, view) => {
    expect(await run(view, name, id)).toMatchObject({ code: EXIT.usage, sent: [] });
  });

  it('an error of the controller is printed', async () => {
    expect(
      await farcallAgainst({ getRequest: async () => VIEWS.awaiting }, [
        ...['promote', id, '--yes', '--reason', ' '],
      ]),
    ).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('say why'),
    });
  });
});
