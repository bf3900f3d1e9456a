import { describe, expect, it } from 'vitest';
import type { Until } from '../../../controller/cli/commands/until.ts';
import { EXIT } from '../../../controller/cli/exit-codes.ts';
import type { RequestView } from '../../../shared/messages/index.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { farcallTold, REQUEST, type Told, telling, VIEWS } from './support/told-rollout.ts';

const { id } = REQUEST;
const golden = (name: string): string => `./golden/${name}.txt`;

describe.each([80, 160])('at %i columns', columns => {
  const print = async (view: RequestView, ...args: string[]): Promise<string> => {
    const { stdout } = await farcallTold(telling(view), args, testTerminal({ columns }));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout).toMatch(/^[ -~\n…]*$/);
    return stdout;
  };

  it.each(Object.keys(VIEWS) as (keyof typeof VIEWS)[])('the report of a request that is %s', async name => {
    await expect(await print(VIEWS[name], 'report', id)).toMatchFileSnapshot(
      golden(`report-${name}-${columns}`),
    );
  });

  it('groups by kernel and wave', async () => {
    const text = await print(VIEWS.done, 'report', id, '--group-by', 'outcome,kernel,wave,errno');
    await expect(text).toMatchFileSnapshot(golden(`report-groups-${columns}`));
  });

  it('what a promotion and a retry would do', async () => {
    const asked = async (view: RequestView, ...args: string[]): Promise<string> => {
      const terminal = testTerminal({ columns, canAsk: true, ask: async () => 'n' });
      const { code, stdout } = await farcallTold(telling(view), args, terminal);
      expect(code).toBe(EXIT.declined);
      return stdout.replace(/ UTC \((over|in .*)\)$/m, ' UTC (…)');
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
  const told = (...views: RequestView[]): Told => ({
    ...telling(views.at(-1) ?? VIEWS.done),
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
  const aborted: RequestView = { ...VIEWS.done, state: 'aborted' };
  const well: RequestView = { ...VIEWS.done, outcomes: [{ outcome: 'returned', hosts: 5000 }] };

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
  ];
  it.each(ends)('%s, until %s', async (_name, until, views, exit) => {
    const args = ['watch', id, ...(until ? ['--until', until] : [])];
    expect((await farcallTold(told(...views), args)).code).toBe(exit);
  });

  it.each([
    [VIEWS.awaiting, EXIT.halted],
    [VIEWS.paused, EXIT.halted],
    [VIEWS.running, EXIT.unfinished],
    [VIEWS.stopped, EXIT.stopped],
    [pending, EXIT.unapproved],
    [expired, EXIT.expired],
  ])('a report of it ends so too', async (view, exit) => {
    expect((await farcallTold(telling(view), ['report', id, '--group-by', 'wave'])).code).toBe(exit);
  });

  it('a line for each wave that changed, where nobody looks', async () => {
    const { stdout } = await farcallTold(told(VIEWS.awaiting, VIEWS.running, VIEWS.done), ['watch', id]);
    await expect(stdout).toMatchFileSnapshot(golden('watch-lines'));
  });

  it('bars in one place, where somebody does', async () => {
    const drawn: string[] = [];
    const terminal = testTerminal({
      ...{ isInteractive: true, columns: 100, rows: 30, write: (text: string) => void drawn.push(text) },
    });
    await farcallTold(told(VIEWS.awaiting, VIEWS.running, VIEWS.done), ['watch', id], terminal);
    await expect(drawn.join('').replaceAll('\u001b', '<ESC>')).toMatchFileSnapshot(golden('watch-live'));
  });

  it('Ctrl-C ends watching, and leaves the terminal as it was', async () => {
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
    const { code, stderr } = await farcallTold(told(VIEWS.awaiting, VIEWS.running), ['watch', id], terminal);
    expect(code).toBe(EXIT.interrupted);
    expect(stderr).toBe(`The request goes on; farcall watch ${id} follows it again.`);
    expect(drawn.at(-1)).toMatch(/\?25h$/);
    expect(terminal.stdout).toEqual([]);
  });

  it('is drawn again where the window has another size', async () => {
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
    await farcallTold(told(VIEWS.running, VIEWS.done), ['watch', id], terminal);
    expect(drawn[0]).toMatch(/.{80}/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of the live table
    const again = (drawn[1] ?? '').replace(/\u001b\[\??\d*[A-Za-z]/g, '').split('\n');
    expect(again.length).toBeGreaterThan(3);
    for (const line of again) expect(line.length).toBeLessThan(60);
  });

  it('JSON tells the waves too', async () => {
    const { stdout } = await farcallTold(told(VIEWS.awaiting, VIEWS.done), ['watch', id, '--json']);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(events.map(({ status }) => status.rollout.state)).toEqual(['awaiting-promotion', 'done']);
  });
});

describe('what a person says to a rollout', () => {
  const sent: unknown[] = [];
  const acting = (view: RequestView): Told => {
    const act = async (request: unknown) => {
      sent.push(request);
      return VIEWS.running;
    };
    return {
      ...telling(view),
      ...{ pauseRollout: act, resumeRollout: act, promoteRollout: act, retryRequest: act },
    };
  };
  const said = async (view: RequestView, ...args: string[]) => {
    sent.length = 0;
    const { code, stderr } = await farcallTold(acting(view), [...args, '--reason', 'r']);
    return { code, stderr, sent: [...sent] };
  };

  it('names the wave that the person saw, so that it does not reach a later one', async () => {
    expect(await said(VIEWS.awaiting, 'promote', id, '--yes')).toMatchObject({
      code: 0,
      sent: [{ id, reason: 'r', wave: 1 }],
    });
    expect(await said(VIEWS.stopped, 'resume', id, '--yes')).toMatchObject({ sent: [{ wave: 2 }] });
  });

  it('a pause is not asked about, and means whatever runs', async () => {
    expect(await said(VIEWS.running, 'pause', id)).toMatchObject({
      code: 0,
      sent: [{ id, reason: 'r', wave: 0 }],
    });
  });

  it('a retry names outcomes', async () => {
    const only = (text: string) => said(VIEWS.stopped, 'retry', id, '--yes', '--only', text);
    expect(await only('unreachable, load-error')).toMatchObject({
      sent: [{ id, reason: 'r', only: ['unreachable', 'load-error'] }],
    });
    expect(await only('broken')).toMatchObject({
      ...{ code: EXIT.usage, sent: [] },
      stderr: expect.stringContaining("--only: 'broken' is no outcome"),
    });
  });

  it.each(['promote', 'resume'])('%s does nothing unasked', async name => {
    expect(await said(VIEWS.awaiting, name, id)).toMatchObject({ code: EXIT.usage, sent: [] });
  });

  it('says what the controller has against it', async () => {
    expect(
      await farcallTold({ getRequest: async () => VIEWS.done }, ['promote', id, '--yes', '--reason', ' ']),
    ).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('say why'),
    });
  });
});
