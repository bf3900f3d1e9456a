import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { type Me, post, type SignInWays } from '../api/index.ts';
import iconUrl from '../icon.svg';
import { hrefTo } from '../nav/index.ts';
import { askPasskey, fromBase64 } from '../signed/index.ts';
import { Copyable, ErrorNotice, Field, Icon } from '../ui/index.ts';
import { takeCode, takeRefusal } from './take-code.ts';

/** What both forms of signing in are told. */
export interface SignInProps {
  readonly ways: SignInWays;
  readonly onSignedIn: (me: Me) => void;
}

/** The first page for somebody who is not signed in. */
export function SignInPage(props: SignInProps): ReactElement {
  return (
    <main className="sign-in" id="main">
      <div className="sign-in-box panel">
        <header>
          <img src={iconUrl} width={40} height={40} alt="" />
          <h1>farcall</h1>
          <p className="muted">
            Calls functions inside the kernels of a fleet, when the people who must approve it have signed
            exactly that.
          </p>
        </header>
        <SignIn {...props} />
      </div>
      <p className="sign-in-foot muted small-text">
        Controller <b>{props.ways.controller}</b>
      </p>
    </main>
  );
}

/** The ways to sign in. */
export function SignIn({ ways, onSignedIn }: SignInProps): ReactElement {
  const { error, isBusy, run } = useTry(onSignedIn);
  const [code, setCode] = useState('');
  const [refusal] = useState(takeRefusal);
  const wasTaken = useRef(false);
  useEffect(() => {
    // React draws twice in development; a code counts once.
    const taken = wasTaken.current ? undefined : takeCode();
    wasTaken.current = true;
    if (taken !== undefined) void run(() => post<Me>('/api/sign-in/code', { code: taken }));
  }, [run]);
  const withCode = (event: FormEvent): void => {
    event.preventDefault();
    void run(() => post<Me>('/api/sign-in/code', { code: code.trim() }));
  };
  return (
    <div className="sign-in-ways">
      {error !== undefined && <ErrorNotice error={error} />}
      {refusal !== undefined && <ErrorNotice error={refusal} />}
      {ways.passkeys && (
        <button
          type="button"
          className="button primary large"
          disabled={isBusy}
          onClick={() => void run(signInByPasskey)}
        >
          <Icon name="key" /> Sign in with a passkey
        </button>
      )}
      {ways.oidc && (
        <a className="button large" href="/api/sign-in/oidc">
          <Icon name="out" /> Sign in with your organisation
        </a>
      )}
      <div className="or">or with your operator key</div>
      <form onSubmit={withCode} className="code-form">
        <p className="small-text muted">
          On the machine that has your key, run this. It prints an address to open, and a code that is good
          once, for a minute.
        </p>
        <Copyable isBlock text="farcall console" label="the command" />
        <Field label="Code from farcall console">
          {attributes => (
            <div className="joined">
              <input
                {...attributes}
                className="mono"
                value={code}
                autoComplete="one-time-code"
                spellCheck={false}
                onChange={event => setCode(event.target.value)}
              />
              <button type="submit" className="button" disabled={isBusy || code.trim() === ''}>
                Sign in
              </button>
            </div>
          )}
        </Field>
      </form>
      <p className="small-text muted">
        No passkey yet? <a href={hrefTo(['passkey'])}>Make one</a>; the roots put it into the trust bundle.
      </p>
    </div>
  );
}

function useTry(onSignedIn: (me: Me) => void) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const told = useRef(onSignedIn);
  told.current = onSignedIn;
  const run = useRef(async (signIn: () => Promise<Me>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      told.current(await signIn());
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  });
  return { error, isBusy, run: run.current };
}

interface Challenge {
  readonly challenge: string;
  readonly rpId: string;
  readonly credentialIds: readonly string[];
}

async function signInByPasskey(): Promise<Me> {
  const { challenge, rpId, credentialIds } = await post<Challenge>('/api/sign-in/challenge', {});
  const assertion = await askPasskey({ challenge: fromBase64(challenge), rpId, credentialIds });
  return post<Me>('/api/sign-in/passkey', assertion);
}
