import { type FormEvent, type ReactElement, useState } from 'react';
import { type HostRemovalJson, post, type SigningProposalJson, urlOf, useApi } from '../api/index.ts';
import { mayApprove, useMe } from '../nav/index.ts';
import { askPasskey, checkRemoval, shortSite } from '../signed/index.ts';
import { visible } from '../text/index.ts';
import {
  Dialog,
  ErrorNotice,
  FactList,
  Icon,
  Notice,
  ReasonField,
  SignedFacts,
  Timestamp,
} from '../ui/index.ts';

/** Whether people want this host removed, and the button by which an approver signs for that. */
export function HostRemoval({ name }: { readonly name: string }): ReactElement | null {
  const me = useMe();
  const { data, update } = useApi(urlOf('hosts/:host/removal', { host: name }), 'hosts');
  const [isOpen, setOpen] = useState(false);
  if (!data || (data.signatures.length === 0 && !mayApprove(me))) return null;
  const hasSigned = data.signatures.some(({ signer }) => signer === me.name);
  return (
    <section className="panel said" aria-labelledby="host-removal">
      <div className="panel-head">
        <h2 id="host-removal">Removal</h2>
        {mayApprove(me) && !hasSigned && !data.removed && (
          <button type="button" className="button danger" onClick={() => setOpen(true)}>
            {data.signatures.length > 0 ? 'Sign for its removal too' : 'Propose its removal'}
          </button>
        )}
      </div>
      <RemovalState removal={data} />
      {isOpen && <RemovalDialog removal={data} onDone={update} onClose={() => setOpen(false)} />}
    </section>
  );
}

function RemovalState({ removal }: { readonly removal: HostRemovalJson }): ReactElement {
  const { host, signatures, needed, others, removed } = removal;
  if (removed)
    return (
      <Notice>
        {host} is removed, by {signatures.map(({ signer }) => signer).join(' and ')}. The controller no longer
        accepts anything from it.
      </Notice>
    );
  if (signatures.length === 0)
    return (
      <p className="muted">
        {needed === 1 ? 'You alone can remove it.' : `It takes ${needed} approvers to remove this host.`}
      </p>
    );
  return (
    <FactList
      entries={[
        ...signatures.map(
          ({ signer, reason, signedAtMs, endsAtMs }) =>
            [
              'proposed',
              <span key={signer}>
                by <b>{signer}</b> <Timestamp ms={signedAtMs} />: {visible(reason)} (counts until{' '}
                <Timestamp ms={endsAtMs} />)
              </span>,
            ] as const,
        ),
        ['needed', `${needed - signatures.length} more: ${others.join(', ') || 'nobody else may now'}`],
      ]}
    />
  );
}

interface DialogProps {
  readonly removal: HostRemovalJson;
  readonly onDone: (after: HostRemovalJson) => void;
  readonly onClose: () => void;
}

/** What is signed, and the passkey that signs it. */
function RemovalDialog(props: DialogProps): ReactElement {
  const { removal, onClose } = props;
  const me = useMe();
  const [reason, setReason] = useState('');
  const { error, isBusy, sign } = useRemoval(props);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void sign(reason.trim());
  };
  return (
    <Dialog title={`Remove ${removal.host}?`} onClose={onClose} isWide>
      <p className="muted">
        Once enough approvers have signed, the controller accepts nothing from it, and the broker refuses it.
      </p>
      <form className="stack" onSubmit={submit}>
        <ReasonField reason={reason} onChange={setReason} />
        <SignedFacts
          entries={[
            ['site', <code key="s">{shortSite(me.site)}</code>],
            ['person', <b key="p">{me.name}</b>],
            ['removal of', <b key="h">{removal.host}</b>],
            [
              'with the key',
              <code key="k" className="break">
                {removal.kid}
              </code>,
            ],
            ['reason', visible(reason.trim())],
          ]}
        />
        {error !== undefined && <ErrorNotice error={error} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary danger"
            disabled={isBusy || reason.trim() === '' || me.passkeys.length === 0}
          >
            <Icon name="key" /> Sign with your passkey
          </button>
        </div>
        {me.passkeys.length === 0 && (
          <Notice>
            You have no passkey in the trust bundle. Use your key on the command line: farcall host remove{' '}
            {removal.host}
          </Notice>
        )}
      </form>
    </Dialog>
  );
}

/** Gets the token, checks it against what the page shows, and hands it in signed. */
function useRemoval({ removal: { host, kid }, onDone, onClose }: DialogProps) {
  const { name: person, site } = useMe();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const signed = async (reason: string): Promise<HostRemovalJson> => {
    const params = { host };
    const proposal = await post('hosts/:host/removal/challenge', { params, body: { reason } });
    const challenge = await checkRemoval(proposal, { host, kid, site, person, reason });
    const { signingInput, rpId, credentialIds }: SigningProposalJson = proposal;
    const assertion = await askPasskey({ challenge, rpId, credentialIds });
    return post('hosts/:host/removal', { params, body: { signingInput, ...assertion } });
  };
  const sign = async (reason: string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      onDone(await signed(reason));
      onClose();
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  return { error, isBusy, sign };
}
