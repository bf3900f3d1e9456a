import { type ReactElement, useEffect, useState } from 'react';
import type { SignedAct } from '../../api/index.ts';
import { useMe } from '../../nav/index.ts';
import { count, hosts, visible } from '../../text/index.ts';
import {
  Code,
  Copyable,
  Dialog,
  EffectBadge,
  ErrorNotice,
  Facts,
  Field,
  Icon,
  KernelCounts,
  Notice,
} from '../../ui/index.ts';
import type { ActsProps } from './acts.tsx';
import { type Prepared, prepare, signAndSend } from './sign-act.ts';

/** From so many hosts on the count must be typed, as on the command line. */
const COUNT_FROM_HOSTS = 101;

const TITLES: Readonly<Record<SignedAct, string>> = {
  approve: 'Approve exactly this?',
  reject: 'Reject this request?',
  withdraw: 'Take your decision back?',
  abort: 'Abort this request?',
};

const MEANINGS: Readonly<Record<SignedAct, string>> = {
  approve: 'With enough approvals it is ordered at once. Every host checks your signature itself.',
  reject: 'One rejection blocks it, however many approve, until you take that back.',
  withdraw: 'Your approval or rejection counts no more. This is possible until it is ordered.',
  abort: 'Every host that has not started it refuses it from then on. Calls that run already are not ended.',
};

/** Shows again what is at stake, then the very words that are signed, then has the passkey sign them. */
export function SignDialog({
  json,
  signed,
  act,
  onActed,
  onClose,
}: ActsProps & { readonly act: SignedAct; readonly onClose: () => void }): ReactElement {
  const me = useMe();
  const { request, digestHex } = signed;
  return (
    <Dialog title={TITLES[act]} onClose={onClose} isWide>
      <p className="muted">{MEANINGS[act]}</p>
      <Stake json={json} {...{ signed }} />
      {me.passkeys.length > 0 ? (
        <ByPasskey {...{ json, signed, act, onActed, onClose }} />
      ) : (
        <>
          <Notice>
            You have no passkey in the trust bundle. Do it with your key, on the command line;{' '}
            <a href="#/passkey">make a passkey</a> to do it here.
          </Notice>
          <Copyable isBlock label="the command" text={commandFor(act, request.id, digestHex)} />
        </>
      )}
    </Dialog>
  );
}

/** The command that does the same with a key in a file. */
export function commandFor(act: SignedAct, id: string, digestHex: string): string {
  if (act === 'approve') return `farcall approve ${id} --digest sha256:${digestHex}`;
  return act === 'withdraw' ? `farcall withdraw ${id}` : `farcall ${act} ${id} --reason '…'`;
}

function Stake({ json, signed }: Pick<ActsProps, 'json' | 'signed'>): ReactElement {
  const { request } = signed;
  const total = request.expectedHosts ?? json.standing.expectedHosts;
  return (
    <div className="stake">
      <Code program={request.program} label="Program" />
      <Facts
        entries={[
          [
            'hosts',
            <span key="h">
              <b>{hosts(total)}</b> <code>{visible(request.selector)}</code>
            </span>,
          ],
          ['by kernel', <KernelCounts key="k" isShort kernels={json.standing.kernels} />],
          [
            'policy',
            <span key="p">
              {request.policy} <EffectBadge effect={request.effect} />
            </span>,
          ],
        ]}
      />
    </div>
  );
}

function ByPasskey({
  json,
  signed,
  act,
  onActed,
  onClose,
}: ActsProps & { readonly act: SignedAct; readonly onClose: () => void }): ReactElement {
  const me = useMe();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [prepared, setPrepared] = useState<Prepared>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const needsReason = act === 'reject' || act === 'abort';
  const expected = signed.request.expectedHosts ?? json.standing.expectedHosts;
  const needsCount = act === 'approve' && expected >= COUNT_FROM_HOSTS;
  const isCounted = !needsCount || typed.replaceAll(/[,. ]/g, '') === String(expected);
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    await what().catch(setError);
    setBusy(false);
  };
  const get = (): Promise<void> =>
    attempt(async () =>
      setPrepared(
        await prepare({
          id: json.id,
          act,
          digest: signed.digest,
          person: me.name,
          reason: needsReason ? reason.trim() : undefined,
        }),
      ),
    );
  const send = (words: Prepared): Promise<void> =>
    attempt(async () => {
      onActed(await signAndSend(json.id, words));
      onClose();
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => {
    if (!needsReason) void get();
  }, [needsReason]);
  return (
    <form
      className="stack"
      onSubmit={event => {
        event.preventDefault();
        void (prepared ? send(prepared) : get());
      }}
    >
      {needsReason && (
        <Field label="Reason" hint="It is signed too, and everybody sees it.">
          {attributes => (
            <textarea
              {...attributes}
              rows={2}
              required
              maxLength={1024}
              value={reason}
              onChange={event => {
                setReason(event.target.value);
                setPrepared(undefined);
              }}
            />
          )}
        </Field>
      )}
      {prepared && <Words prepared={prepared} digestHex={signed.digestHex} />}
      {needsCount && (
        <Field label={`How many hosts will run it? Type ${count(expected)}`}>
          {attributes => (
            <input
              {...attributes}
              className="mono"
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={event => setTyped(event.target.value)}
            />
          )}
        </Field>
      )}
      {error !== undefined && <ErrorNotice error={error} />}
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        {prepared ? (
          <button
            type="submit"
            className={`button primary ${act === 'abort' ? 'danger' : ''}`}
            disabled={isBusy || !isCounted}
          >
            <Icon name="key" /> {SIGN_TEXT[act]} with your passkey
          </button>
        ) : (
          <button
            type="submit"
            className="button primary"
            disabled={isBusy || (needsReason && reason.trim() === '')}
          >
            {needsReason ? 'Show what is signed' : isBusy ? 'Preparing …' : 'Try again'}
          </button>
        )}
      </div>
    </form>
  );
}

const SIGN_TEXT: Readonly<Record<SignedAct, string>> = {
  approve: 'Approve',
  reject: 'Reject',
  withdraw: 'Take back',
  abort: 'Abort',
};

/** The words that are signed, after they were checked. */
function Words({
  prepared,
  digestHex,
}: {
  readonly prepared: Prepared;
  readonly digestHex: string;
}): ReactElement {
  const { claims } = prepared;
  return (
    <div className="panel signed words">
      <p className="word">
        <Icon name="seal" size={14} /> what your passkey signs
      </p>
      <Facts
        entries={[
          ['who', <b key="i">{claims.iss}</b>],
          ['says', <b key="d">{claims.decision ?? prepared.signing.act}</b>],
          claims.reason ? ['because', claims.reason] : undefined,
          [
            'about',
            <span key="r">
              <code className="break">sha256:{digestHex}</code>
              <span className="outcome tone-ok wrap">
                <Icon name="check" size={14} /> the digest of the bytes shown above, computed here
              </span>
            </span>,
          ],
        ]}
      />
    </div>
  );
}
