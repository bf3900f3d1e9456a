import { type ReactElement, useCallback, useEffect, useState } from 'react';
import {
  type ApiError,
  ApiProvider,
  get,
  LiveChanges,
  type MeJson,
  type SignInMethodsJson,
  toApiError,
  urlOf,
  whenSignedOut,
} from '../api/index.ts';
import { SessionContext, useRoute } from '../nav/index.ts';
import { Dialog, ErrorNotice, setServerTime } from '../ui/index.ts';
import { AppRoutes } from './app-routes.tsx';
import { AppShell } from './app-shell.tsx';
import { RegisterPasskey } from './register-passkey.tsx';
import { SignIn, SignInPage } from './sign-in.tsx';

const live = new LiveChanges();

/** The console: the sign-in page, or the pages for the person who is signed in. */
export function App(): ReactElement {
  const isRegistering = useRoute().path[0] === 'passkey';
  const { me, methods, error, isOver, enter, check } = useSession(isRegistering);
  if (isRegistering && !me) return <RegisterPasskey isAlone />;
  if (me)
    return (
      <ApiProvider live={live}>
        <SessionContext value={me}>
          <AppShell>
            <AppRoutes />
          </AppShell>
          {isOver && methods && (
            <Dialog title="Your session has ended">
              <p className="muted">
                Sign in again to continue where you were. Nothing that you typed is lost.
              </p>
              <SignIn methods={methods} onSignedIn={enter} />
            </Dialog>
          )}
        </SessionContext>
      </ApiProvider>
    );
  if (methods) return <SignInPage methods={methods} onSignedIn={enter} />;
  if (error) return <main>{<ErrorNotice error={error} onRetry={check} />}</main>;
  return <main aria-busy="true" />;
}

function useSession(isRegistering: boolean) {
  const [me, setMe] = useState<MeJson>();
  const [methods, setMethods] = useState<SignInMethodsJson>();
  const [error, setError] = useState<ApiError>();
  const [isOver, setOver] = useState(false);
  const enter = useCallback((person: MeJson) => {
    setServerTime(person.nowMs);
    setMe(person);
    setOver(false);
    setError(undefined);
  }, []);
  const check = useCallback(async () => {
    try {
      enter((await get(urlOf('session', {}))) as MeJson);
    } catch (thrown) {
      const problem = toApiError(thrown);
      if (problem.signIn) setMethods(problem.signIn);
      setError(problem.status === 401 ? undefined : problem);
      setOver(problem.status === 401);
    }
  }, [enter]);
  useEffect(() => {
    whenSignedOut(() => void check());
    // Checked again after a passkey was registered: then there may be one more method of signing in.
    if (!isRegistering) void check();
  }, [check, isRegistering]);
  useEffect(() => {
    if (!me || isOver) return live.stop();
    live.start();
    return () => live.stop();
  }, [me, isOver]);
  return { me, methods, error, isOver, enter, check: () => void check() };
}
