import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { post } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { fromBase64, makePasskey } from '../signed/index.ts';
import { Copyable, ErrorNotice, Field, Icon } from '../ui/index.ts';

/** Makes a passkey and hands out its public part; who trusts it is decided by the roots. */
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
  const [name, setName] = useState('');
  const [file, setFile] = useState<object>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      setFile(await registered(name.trim()));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
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
          A key in your phone, laptop or security key. It signs approvals, and every host verifies that
          signature itself. Nothing is stored here: what counts is the trust bundle that the roots sign.
        </p>
      </header>
      {error !== undefined && <ErrorNotice error={error} />}
      {file ? (
        <Made file={file} name={name.trim()} />
      ) : (
        <form className="stack" onSubmit={event => void make(event)}>
          <Field label="Your name" hint="As it stands, or will stand, in the trust bundle: bob">
            {attributes => (
              <input
                {...attributes}
                value={name}
                required
                maxLength={64}
                pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
                autoComplete="username"
                onChange={event => setName(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" className="button primary" disabled={isBusy || name.trim() === ''}>
            <Icon name="key" /> Make the passkey
          </button>
        </form>
      )}
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
        <b>The passkey is made.</b> Its public part is in this file; there is no secret in it.
      </p>
      <a className="button primary" href={url} download={fileName}>
        <Icon name="down" /> Download {fileName}
      </a>
      <ol className="steps">
        <li>
          Send the file to the roots by a way on which they know that it is from you, and read them its
          digest. Who can swap the file can approve in your name.
        </li>
        <li>
          A root adds it, enough roots sign, and one publishes:
          <Copyable
            isBlock
            label="the commands"
            text={`farcall trust add trust.json --approver ${name}=${fileName} --out trust-next.json`}
          />
        </li>
        <li>When the bundle is published, sign in here with the passkey.</li>
      </ol>
      <details>
        <summary>What is in the file</summary>
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

async function registered(name: string): Promise<object> {
  const { challenge, rpId } = await post<{ challenge: string; rpId: string }>('/api/passkey/challenge', {});
  const made = await makePasskey({ challenge: fromBase64(challenge), rpId, name });
  return (await post<{ file: object }>('/api/passkey/register', made)).file;
}
