import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import type { Outcome, RequestJson, SignedAction } from '../../api/index.ts';
import { useMe } from '../../nav/index.ts';
import { shortSite } from '../../signed/index.ts';
import { count } from '../../text/index.ts';
import { ErrorNotice, FormField, Icon, ReasonField, SignedFacts } from '../../ui/index.ts';
import type { ActionsProps } from './actions.tsx';
import { OutcomeChoice } from './outcome-choice.tsx';
import { retryableOutcomes } from './retryable.ts';
import { type PreparedSignature, prepare, signAndSend } from './sign-action.ts';

/** From this many hosts on, an approver must type the number, as on the command line. */
const COUNT_FROM_HOSTS = 101;

/** So long nobody typed, before an abort is prepared with the reason that stands. */
const TYPING_PAUSE_MS = 300;

const SIGN_TEXT: Readonly<Record<SignedAction, string>> = {
  approve: 'Approve',
  reject: 'Reject',
  withdraw: 'Take back',
  abort: 'Abort',
  accept: 'Accept',
  object: 'Object',
  promote: 'Promote',
  resume: 'Resume',
  pause: 'Pause',
  retry: 'Retry',
};

type SignFormProps = ActionsProps & { readonly action: SignedAction; readonly onClose: () => void };

/** The reason if the action needs one, the token to sign, and the button that has the passkey sign it. */
export function SignForm(props: SignFormProps): ReactElement {
  const { json, signed, action, onClose } = props;
  const me = useMe();
  const isAbort = action === 'abort';
  const [reason, setReason] = useState(isAbort ? `${me.name} stops it from the console` : '');
  const [isCounted, setCounted] = useState(false);
  const needsReason = action !== 'approve' && action !== 'withdraw';
  const [only, setOnly] = useState(retryableOutcomes(json.status).map(({ outcome }) => outcome));
  const { prepared, error, isBusy, get, send, discard } = useSignature(props, {
    reason: needsReason ? reason.trim() : undefined,
    wave: waveFor(action, json),
    ...(action === 'retry' && { only }),
  });
  const expected = signed.request.expectedHosts ?? json.status.expectedHosts;
  const needsCount = action === 'approve' && expected >= COUNT_FROM_HOSTS;
  // In an emergency each click counts: an abort is prepared as soon as its reason stands.
  const isReady = !needsReason || (isAbort && reason.trim() !== '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked at the beginning, and for each reason of an abort
  useEffect(() => {
    if (!isReady) return;
    const timer = setTimeout(() => void get(), isAbort ? TYPING_PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [isReady, isAbort ? reason : '']);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void (prepared ? send(prepared) : get());
  };
  const changeReason = (text: string): void => {
    setReason(text);
    discard();
  };
  return (
    <form className="stack" onSubmit={submit}>
      {action === 'retry' && (
        <OutcomeChoice
          {...{ json, only }}
          setOnly={chosen => {
            setOnly([...chosen]);
            discard();
          }}
        />
      )}
      {needsReason && <ReasonField reason={reason} onChange={changeReason} />}
      {prepared && <TokenFacts prepared={prepared} digestHex={signed.digestHex} />}
      {needsCount && <CountField expected={expected} onCounted={setCounted} />}
      {error !== undefined && <ErrorNotice error={error} />}
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        {prepared ? (
          <button
            type="submit"
            className={`button primary ${action === 'abort' ? 'danger' : ''}`}
            disabled={isBusy || (needsCount && !isCounted)}
          >
            <Icon name="key" /> {SIGN_TEXT[action]} with your passkey
          </button>
        ) : (
          <button
            type="submit"
            className="button primary"
            disabled={
              isBusy || (needsReason && reason.trim() === '') || (action === 'retry' && only.length === 0)
            }
          >
            {isReady ? (isBusy ? 'Preparing …' : 'Try again') : 'Show what is signed'}
          </button>
        )}
      </div>
    </form>
  );
}

/** What the person decides beside the action. */
interface SignedDetails {
  readonly reason: string | undefined;
  readonly wave: number | undefined;
  readonly only?: readonly Outcome[];
}

/**
 * The wave that an action on a rollout names: the newest one that the page shows as begun, so that the action
 * reaches no later one. A pause is for whichever wave runs, which is 0. Undefined for other actions.
 */
function waveFor(action: SignedAction, { status }: RequestJson): number | undefined {
  if (action === 'pause') return 0;
  if (action !== 'promote' && action !== 'resume' && action !== 'retry') return undefined;
  const begun = status.rollout?.waves.filter(({ state }) => state !== 'pending') ?? [];
  return begun.at(-1)?.number ?? 0;
}

/** The steps of signing: `get` the token, `send` it signed; `discard` it when the reason changes. */
function useSignature({ json, signed, action, onDone, onClose }: SignFormProps, details: SignedDetails) {
  const me = useMe();
  const [prepared, setPrepared] = useState<PreparedSignature>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    await step().catch(setError);
    setBusy(false);
  };
  const get = (): Promise<void> =>
    attempt(async () =>
      setPrepared(
        await prepare(json.id, {
          action,
          digest: signed.digest,
          site: signed.request.site,
          person: me.name,
          ...details,
        }),
      ),
    );
  const send = (token: PreparedSignature): Promise<void> =>
    attempt(async () => {
      onDone(await signAndSend(json.id, token));
      onClose();
    });
  return { prepared, error, isBusy, get, send, discard: () => setPrepared(undefined) };
}

function CountField({
  expected,
  onCounted,
}: {
  readonly expected: number;
  readonly onCounted: (isCounted: boolean) => void;
}): ReactElement {
  const [typed, setTyped] = useState('');
  return (
    <FormField label={`How many hosts will run it? Type ${count(expected)}`}>
      {attributes => (
        <input
          {...attributes}
          className="mono"
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={({ target: { value } }) => {
            setTyped(value);
            onCounted(value.replaceAll(/[,. ]/g, '') === String(expected));
          }}
        />
      )}
    </FormField>
  );
}

/** The claims that are signed, after they were checked. */
function TokenFacts({
  prepared: { claims, proposal },
  digestHex,
}: {
  readonly prepared: PreparedSignature;
  readonly digestHex: string;
}): ReactElement {
  return (
    <SignedFacts
      entries={[
        ['site', <code key="s">{shortSite(claims.site)}</code>],
        ['person', <b key="i">{claims.iss}</b>],
        ['decision', <b key="d">{claims.decision ?? claims.verdict ?? claims.action ?? proposal.action}</b>],
        claims.wave !== undefined
          ? ['wave', claims.wave === 0 ? 'whichever runs' : `number ${claims.wave}, as shown here`]
          : undefined,
        claims.only ? ['hosts that ended as', claims.only.join(', ')] : undefined,
        claims.reason ? ['reason', claims.reason] : undefined,
        [
          'request',
          <span key="r">
            <code className="break">sha256:{digestHex}</code>
            <span className="outcome tone-ok wrap">
              <Icon name="check" size={14} /> the digest of the bytes shown above, computed here
            </span>
          </span>,
        ],
      ]}
    />
  );
}
