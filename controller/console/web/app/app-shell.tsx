import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { type LiveState, post, urlOf, useApi, useLiveStatus } from '../api/index.ts';
import { hrefTo, mayApprove, mayRequest, useMe, useRoute } from '../nav/index.ts';
import { duration, time, visible } from '../text/index.ts';
import { Icon, type IconName, useNow } from '../ui/index.ts';
import iconUrl from './icon.svg';
import { SHOW_SHORTCUTS_EVENT, Shortcuts } from './shortcuts.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

/** The frame of every page: the navigation, the signed-in person, and whether the page is up to date. */
export function AppShell({ children }: { readonly children: ReactNode }): ReactElement {
  const main = useRef<HTMLElement>(null);
  const { path } = useRoute();
  const page = path.join('/');
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [page]);
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <div className="shell">
        <Rail section={path[0] ?? ''} />
        <div>
          <LostNotice />
          <main id="main" ref={main} tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <Shortcuts />
    </>
  );
}

interface NavItem {
  readonly to: string;
  readonly text: string;
  readonly icon: IconName;
}

const ITEMS: readonly NavItem[] = [
  { to: '', text: 'Overview', icon: 'fleet' },
  { to: 'requests', text: 'Requests', icon: 'list' },
  { to: 'new', text: 'New request', icon: 'plus' },
  { to: 'probes', text: 'Probes', icon: 'stop' },
  { to: 'audit', text: 'Audit', icon: 'log' },
  { to: 'trust', text: 'Trust', icon: 'key' },
];

function Rail({ section }: { readonly section: string }): ReactElement {
  const me = useMe();
  return (
    <header className="rail">
      <a className="brand" href={hrefTo([])}>
        <img src={iconUrl} width={26} height={26} alt="" />
        <span>
          farcall
          <small>{me.controller}</small>
        </span>
      </a>
      <Navigation section={section} />
      <div className="rail-foot">
        <LiveMark />
        <Tools />
        <Person />
      </div>
    </header>
  );
}

function Navigation({ section }: { readonly section: string }): ReactElement {
  const me = useMe();
  const waiting = useWaitingForMe();
  const current = section === 'hosts' ? '' : section === 'passkey' ? 'trust' : section;
  const items = ITEMS.filter(({ to }) => to !== 'new' || mayRequest(me));
  return (
    <nav className="nav" aria-label="Pages">
      <ul>
        {items.map(({ to, text, icon }) => (
          <li key={to}>
            <a href={hrefTo(to === '' ? [] : [to])} aria-current={current === to ? 'page' : undefined}>
              <Icon name={icon} />
              {text}
              {to === 'requests' && waiting > 0 && (
                <span className="pill">
                  {waiting}
                  <span className="sr-only"> pending</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Tools(): ReactElement {
  const reload = (): void => location.reload();
  const signOut = (): void => void post('sign-out', { body: {} }).then(reload, reload);
  return (
    <div className="rail-tools">
      <ThemeSwitch />
      <button
        type="button"
        className="button ghost icon-only tool-keyboard"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => dispatchEvent(new CustomEvent(SHOW_SHORTCUTS_EVENT))}
      >
        <Icon name="keyboard" />
      </button>
      <button
        type="button"
        className="button ghost icon-only"
        aria-label="Sign out"
        title="Sign out"
        onClick={signOut}
      >
        <Icon name="out" />
      </button>
    </div>
  );
}

function Person(): ReactElement {
  const me = useMe();
  const nowMs = useNow();
  const leftMs = Math.max(0, me.expiresAtMs - nowMs);
  return (
    <div
      className="person"
      title={`Signed in by ${me.signInMethod}. Without use, the session ends in ${duration(leftMs)}.`}
    >
      {me.name}
      <small>{me.roles.join(', ')}</small>
    </div>
  );
}

/** How many pending requests of other people this person may decide about. */
function useWaitingForMe(): number {
  const me = useMe();
  const url = urlOf('requests', {}, { limit: 100, state: 'pending' });
  const { data } = useApi(mayApprove(me) ? url : undefined, 'requests');
  return data?.requests.filter(({ requester }) => requester !== me.name).length ?? 0;
}

const LIVE_TEXT: Readonly<Record<LiveState, string>> = {
  live: 'live',
  connecting: 'connecting …',
  silent: 'nothing heard',
  retrying: 'trying again …',
};

/** Green means that the controller was heard within five seconds, and can do everything. */
function LiveMark(): ReactElement {
  const { state, heardAtMs, troubles } = useLiveStatus();
  const mark = state === 'live' && troubles.length > 0 ? 'troubled' : state;
  const since = heardAtMs === undefined ? '' : ` since ${time(heardAtMs)}`;
  return (
    <div
      className={`live live-${mark}`}
      title={state === 'live' ? 'Changes appear as they happen' : `Nothing was heard${since}`}
    >
      <span>{LIVE_TEXT[state]}</span>
    </div>
  );
}

/** What the page or the controller cannot do now, above every page. */
function LostNotice(): ReactElement | null {
  const { state, heardAtMs, troubles } = useLiveStatus();
  const isLost = state === 'retrying' || state === 'silent';
  const since = heardAtMs === undefined ? '' : ` Nothing was heard since ${time(heardAtMs)}.`;
  const lost = state === 'silent' ? 'The controller does not answer.' : 'Connection lost, trying again.';
  const lines = isLost ? [`${lost}${since} What you see may be out of date.`] : troubles;
  if (lines.length === 0) return null;
  return (
    <div className="lost" role="status">
      <Icon name="link" />
      <span>
        {lines.map(line => (
          <span key={line} className="lost-line">
            {visible(line)}
          </span>
        ))}
      </span>
    </div>
  );
}
