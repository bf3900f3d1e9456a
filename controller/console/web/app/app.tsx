import { type ReactElement, useCallback, useEffect, useState } from 'react';
import {
  type ApiError,
  get,
  LiveChanges,
  LiveContext,
  type Me,
  type SignInWays,
  toApiError,
  whenSignedOut,
} from '../api/index.ts';
import { SessionContext, usePlace } from '../nav/index.ts';
import { Dialog, ErrorNotice, setServerTime } from '../ui/index.ts';
import { RegisterPasskey } from './register-passkey.tsx';
import { Routes } from './routes.tsx';
import { Shell } from './shell.tsx';
import { SignIn, SignInPage } from './sign-in.tsx';

const live = new LiveChanges();

/** The console: who is signed in, and the pages for that person. */
export function App(): ReactElement {
  const place = usePlace();
  const isMaking = place.path[0] === 'passkey';
  const { me, ways, error, isOver, enter, check } = useSession(isMaking);
  if (isMaking && !me) return <RegisterPasskey isAlone />;
  if (me)
    return (
      <LiveContext value={live}>
        <SessionContext value={me}>
          <Shell>
            <Routes />
          </Shell>
          {isOver && ways && (
            <Dialog title="Your session has ended">
              <p className="muted">Sign in again to go on where you were. Nothing that you typed is lost.</p>
              <SignIn ways={ways} onSignedIn={enter} />
            </Dialog>
          )}
        </SessionContext>
      </LiveContext>
    );
  if (ways) return <SignInPage ways={ways} onSignedIn={enter} />;
  if (error) return <main>{<ErrorNotice error={error} onRetry={check} />}</main>;
  return <main aria-busy="true" />;
}

function useSession(isMaking: boolean) {
  const [me, setMe] = useState<Me>();
  const [ways, setWays] = useState<SignInWays>();
  const [error, setError] = useState<ApiError>();
  const [isOver, setOver] = useState(false);
  const enter = useCallback((who: Me) => {
    setServerTime(who.nowMs);
    setMe(who);
    setOver(false);
    setError(undefined);
  }, []);
  const check = useCallback(async () => {
    try {
      enter(await get<Me>('/api/session'));
    } catch (thrown) {
      const problem = toApiError(thrown);
      const { signIn } = (problem.body ?? {}) as { signIn?: SignInWays };
      if (problem.status === 401 && signIn) setWays(signIn);
      setError(problem.status === 401 ? undefined : problem);
      setOver(problem.status === 401);
    }
  }, [enter]);
  useEffect(() => {
    whenSignedOut(() => void check());
    // Asked anew when one comes back from making a passkey: then there may be a way more.
    if (!isMaking) void check();
  }, [check, isMaking]);
  useEffect(() => {
    if (!me || isOver) return live.stop();
    live.start();
    return () => live.stop();
  }, [me, isOver]);
  return { me, ways, error, isOver, enter, check: () => void check() };
}
