import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { type MeJson, post, type SignInMethodsJson } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { askPasskey, fromBase64 } from '../signed/index.ts';
import { Copyable, ErrorNotice, FormField, Icon } from '../ui/index.ts';
import iconUrl from './icon.svg';
import { consumeCode, consumeRefusal } from './read-code.ts';

/** Which methods of signing in there are, and what to do once somebody has signed in. */
export interface SignInProps {
  readonly methods: SignInMethodsJson;
  readonly onSignedIn: (me: MeJson) => void;
}

/** The page for a person who is not signed in. */
export function SignInPage(props: SignInProps): ReactElement {
  return (
    <main className="sign-in" id="main">
      <div className="sign-in-box panel">
        <header>
          <img src={iconUrl} width={40} height={40} alt="" />
          <h1>farcall</h1>
          <p className="muted">
            Calls functions inside the kernels of a fleet, once the people who must approve it have signed
            exactly that.
          </p>
        </header>
        <SignIn {...props} />
      </div>
      <p className="sign-in-foot muted small-text">
        Controller <b>{props.methods.controller}</b>
      </p>
    </main>
  );
}

/** The methods of signing in, on the first page and in the dialog after a session has ended. */
export function SignIn({ methods, onSignedIn }: SignInProps): ReactElement {
  const { error, isBusy, run } = useSignIn(onSignedIn);
  const [refusal] = useState(consumeRefusal);
  const wasConsumed = useRef(false);
  useEffect(() => {
    // In development React runs effects twice; a code is good once.
    const code = wasConsumed.current ? undefined : consumeCode();
    wasConsumed.current = true;
    if (code !== undefined) void run(() => signInByCode(code));
  }, [run]);
  return (
    <div className="sign-in-ways">
      {error !== undefined && <ErrorNotice error={error} />}
      {refusal !== undefined && <ErrorNotice error={refusal} />}
      {methods.passkeys && (
        <button
          type="button"
          className="button primary large"
          disabled={isBusy}
          onClick={() => void run(signInByPasskey)}
        >
          <Icon name="key" /> Sign in with a passkey
        </button>
      )}
      {methods.oidc && (
        <a className="button large" href="/api/sign-in/oidc">
          <Icon name="out" /> Sign in with your organisation
        </a>
      )}
      {methods.passkeys || methods.oidc ? (
        <div className="or">or with your operator key</div>
      ) : (
        <h2 className="sign-in-way">Sign in with your operator key</h2>
      )}
      <CodeForm isBusy={isBusy} onCode={code => void run(() => signInByCode(code))} />
      <p className="small-text muted">
        No passkey yet? <a href={hrefTo(['passkey'])}>Make one</a>; the roots add it to the trust bundle.
      </p>
    </div>
  );
}

function CodeForm({
  isBusy,
  onCode,
}: {
  readonly isBusy: boolean;
  readonly onCode: (code: string) => void;
}): ReactElement {
  const [code, setCode] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onCode(code.trim());
  };
  return (
    <form onSubmit={submit} className="code-form">
      <p className="small-text muted">
        On the machine that has your key, run this command. It prints an address to open, and a code that you
        can use once within a minute.
      </p>
      <Copyable isBlock text="farcall console" label="the command" />
      <FormField label="Code from farcall console">
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
      </FormField>
    </form>
  );
}

function useSignIn(onSignedIn: (me: MeJson) => void) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const listener = useRef(onSignedIn);
  listener.current = onSignedIn;
  const run = useRef(async (signIn: () => Promise<MeJson>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      listener.current(await signIn());
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  });
  return { error, isBusy, run: run.current };
}

function signInByCode(code: string): Promise<MeJson> {
  return post('sign-in/code', { body: { code } });
}

async function signInByPasskey(): Promise<MeJson> {
  const { challenge, rpId, credentialIds } = await post('sign-in/challenge', { body: {} });
  const assertion = await askPasskey({ challenge: fromBase64(challenge), rpId, credentialIds });
  return post('sign-in/passkey', { body: assertion });
}
