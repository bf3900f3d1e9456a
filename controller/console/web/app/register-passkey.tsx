import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { post } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { fromBase64, makePasskey } from '../signed/index.ts';
import { Copyable, ErrorNotice, FormField, Icon } from '../ui/index.ts';

/** Makes a passkey and offers its public part as a file; the roots decide whether to trust it. */
export function RegisterPasskey({ isAlone = false }: { readonly isAlone?: boolean }): ReactElement {
  const body = <Register isAlone={isAlone} />;
  return isAlone ? (
    <main className="sign-in" id="main">
      <div className="sign-in-box panel wide">{body}</div>
    </main>
  ) : (
    body
  );
}

function Register({ isAlone }: { readonly isAlone: boolean }): ReactElement {
  const [made, setMade] = useState<{ readonly file: object; readonly name: string }>();
  return (
    <>
      <header>
        {isAlone && (
          <a className="crumb" href={hrefTo([])}>
            <Icon name="back" size={14} /> Sign in
          </a>
        )}
        <h1>Make a passkey</h1>
        <p className="muted">
          A passkey is a key in your phone, laptop or security key. It signs approvals, and every host
          verifies that signature itself. The controller stores nothing of it: what counts is the trust bundle
          that the roots sign.
        </p>
      </header>
      {made ? <Made {...made} /> : <NameForm onMade={(file, name) => setMade({ file, name })} />}
    </>
  );
}

function NameForm({ onMade }: { readonly onMade: (file: object, name: string) => void }): ReactElement {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const name = typed.trim();
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      onMade(await registerPasskey(name), name);
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} />}
      <form className="stack" onSubmit={event => void make(event)}>
        <FormField label="Your name" hint="Your name in the trust bundle, now or later. Example: bob">
          {attributes => (
            <input
              {...attributes}
              value={typed}
              required
              maxLength={64}
              pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
              autoComplete="username"
              onChange={event => setTyped(event.target.value)}
            />
          )}
        </FormField>
        <button type="submit" className="button primary" disabled={isBusy || name === ''}>
          <Icon name="key" /> Make the passkey
        </button>
      </form>
    </>
  );
}

function Made({ file, name }: { readonly file: object; readonly name: string }): ReactElement {
  const text = `${JSON.stringify(file, null, 2)}\n`;
  const url = useBlobUrl(text);
  const fileName = `${name}-passkey.json`;
  return (
    <div className="stack">
      <p role="status">
        <b>The passkey is made.</b> This file has its public part and no secret.
      </p>
      <a className="button primary" href={url} download={fileName}>
        <Icon name="down" /> Download {fileName}
      </a>
      <ol className="steps">
        <li>
          Send the file to the roots in a way that proves it is from you, and read them its digest. An
          attacker who replaced the file could approve in your name.
        </li>
        <li>
          A root adds it to a draft, enough roots sign the draft, and one of them publishes it:
          <Copyable
            isBlock
            label="the commands"
            text={`farcall trust add trust.json --approver ${name}=${fileName} --out trust-next.json`}
          />
        </li>
        <li>Once the bundle is published, sign in here with the passkey.</li>
      </ol>
      <details>
        <summary>Contents of the file</summary>
        <pre className="log">{text}</pre>
      </details>
    </div>
  );
}

function useBlobUrl(text: string): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return url;
}

async function registerPasskey(name: string): Promise<object> {
  const { challenge, rpId } = await post('passkey/challenge', { body: {} });
  const registration = await makePasskey({ challenge: fromBase64(challenge), rpId, name });
  return (await post('passkey/register', { body: registration })).file;
}
