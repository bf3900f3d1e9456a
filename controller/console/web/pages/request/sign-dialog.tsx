import type { ReactElement } from 'react';
import type { RequestJson, SignedAction } from '../../api/index.ts';
import { hrefTo, useMe } from '../../nav/index.ts';
import { duration, hosts, visible } from '../../text/index.ts';
import { Code, Copyable, Dialog, EffectBadge, FactList, KernelCounts, Notice } from '../../ui/index.ts';
import type { ActionsProps } from './actions.tsx';
import { LibraryFold } from './library-fold.tsx';
import { nextWave } from './next-wave.ts';
import { PlanVerdict } from './plan-verdict.tsx';
import { SignForm } from './sign-form.tsx';
import { SignedWaves, visibleLines } from './signed-panel.tsx';

const TITLES: Readonly<Record<SignedAction, string>> = {
  approve: 'Approve exactly this?',
  reject: 'Reject this request?',
  withdraw: 'Take your decision back?',
  abort: 'Abort this request?',
  accept: 'Accept this emergency?',
  object: 'Object to this emergency?',
  promote: 'Promote the rollout',
  resume: 'Resume the rollout',
  pause: 'Pause the rollout',
  retry: 'Retry the rollout',
};

const MEANINGS: Readonly<Record<SignedAction, string>> = {
  approve: 'Once enough people approve, it is ordered at once. Every host verifies your signature itself.',
  reject: 'One rejection blocks it, however many people approve, until you take it back.',
  withdraw: 'Your approval or rejection no longer counts. You can take it back until the request is ordered.',
  abort: 'Every host that has not started it refuses it from now on. Calls that are already running go on.',
  accept: 'You say afterwards that it was an emergency, and done as it should be.',
  object: 'You say afterwards that it was no emergency, or not done as it should be. Everybody can read it.',
  promote: 'Orders the next wave now.',
  resume: 'The rollout continues where it was paused.',
  pause: 'No further wave begins. Hosts that have their order still run it.',
  retry: 'Hosts with these outcomes, on which nothing ran, are asked again.',
};

/** Shows again what is decided, then the token that is signed, then has the passkey sign it. */
export function SignDialog({
  json,
  signed,
  action,
  onDone,
  onClose,
}: ActionsProps & { readonly action: SignedAction; readonly onClose: () => void }): ReactElement {
  const me = useMe();
  const { request, digestHex } = signed;
  return (
    <Dialog title={titleOf(action, json)} onClose={onClose} isWide>
      <p className="muted">{MEANINGS[action]}</p>
      <Summary json={json} signed={signed} />
      {me.passkeys.length > 0 ? (
        <SignForm {...{ json, signed, action, onDone, onClose }} />
      ) : (
        <>
          <Notice>
            You have no passkey in the trust bundle. Use your key on the command line, or{' '}
            <a href={hrefTo(['passkey'])}>make a passkey</a> to do it here.
          </Notice>
          <Copyable isBlock label="the command" text={commandFor(action, request.id, digestHex)} />
        </>
      )}
    </Dialog>
  );
}

/** What the dialog asks; of a promotion also which wave it orders, and for how many hosts. */
function titleOf(action: SignedAction, { status }: RequestJson): string {
  const next = nextWave(status);
  if (action !== 'promote' || !next) return TITLES[action];
  return `Promote wave ${next.number} of ${status.rollout?.waves.length}: ${hosts(next.hosts)}`;
}

/** The command that does the same with a key in a file. */
function commandFor(action: SignedAction, id: string, digestHex: string): string {
  if (action === 'approve') return `farcall approve ${id} --digest sha256:${digestHex}`;
  if (action === 'accept') return `farcall review ${id} --reason '…'`;
  if (action === 'object') return `farcall review ${id} --object --reason '…'`;
  if (action === 'retry') return `farcall retry ${id} --only unreachable --reason '…'`;
  return action === 'withdraw' ? `farcall withdraw ${id}` : `farcall ${action} ${id} --reason '…'`;
}

function Summary({ json, signed }: Pick<ActionsProps, 'json' | 'signed'>): ReactElement {
  const { request } = signed;
  const total = request.expectedHosts ?? json.status.expectedHosts;
  return (
    <div className="stake">
      <Code program={request.program} label="Program" />
      <LibraryFold request={request} />
      <FactList
        entries={[
          [
            'reason',
            <span key="r" className="pre-wrap">
              {visibleLines(request.reason)}
            </span>,
          ],
          [
            'hosts',
            <span key="h">
              <b>{hosts(total)}</b> <code>{visible(request.selector)}</code>
            </span>,
          ],
          ['by kernel', <KernelCounts key="k" isShort kernels={json.status.kernels} />],
          [
            'policy',
            <span key="p">
              {request.policy} <EffectBadge effect={request.effect} indirectCalls={request.indirectCalls} />
            </span>,
          ],
          ['waves', <SignedWaves key="w" rollout={request.rollout} />],
          ['timeout', `${duration(request.timeoutMs)} on each host`],
          ['plan', <PlanVerdict key="v" planDigest={request.planDigest} />],
        ]}
      />
    </div>
  );
}
