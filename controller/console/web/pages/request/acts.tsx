import { type ReactElement, useState } from 'react';
import type { RequestJson, SignedAct } from '../../api/index.ts';
import { mayApprove, useMe } from '../../nav/index.ts';
import { Icon, type IconName } from '../../ui/index.ts';
import { SignDialog } from './sign-dialog.tsx';
import type { Signed } from './use-signed.ts';

/** What one can do about a request with one's signature. */
export interface ActsProps {
  readonly json: RequestJson;
  readonly signed: Signed;
  readonly onActed: (after: RequestJson) => void;
}

const BUTTONS: Readonly<
  Record<SignedAct, { readonly text: string; readonly icon: IconName; readonly look: string }>
> = {
  approve: { text: 'Approve', icon: 'seal', look: 'primary' },
  reject: { text: 'Reject', icon: 'minus', look: '' },
  withdraw: { text: 'Take back', icon: 'back', look: '' },
  abort: { text: 'Abort', icon: 'stop', look: 'danger' },
};

/** The buttons for what this person may do now. */
export function Acts(props: ActsProps): ReactElement {
  const [act, setAct] = useState<SignedAct>();
  const possible = usePossible(props.json);
  return (
    <div className="actions">
      {possible.map(one => (
        <button key={one} type="button" className={`button ${BUTTONS[one].look}`} onClick={() => setAct(one)}>
          <Icon name={BUTTONS[one].icon} /> {BUTTONS[one].text}
        </button>
      ))}
      {act && <SignDialog {...props} act={act} onClose={() => setAct(undefined)} />}
    </div>
  );
}

/** The hosts and the controller decide; this only offers what has a chance. */
function usePossible({ requester, standing }: RequestJson): readonly SignedAct[] {
  const me = useMe();
  const { state, decisions } = standing;
  const mine = decisions.find(({ approver, withdrawn }) => approver === me.name && !withdrawn);
  const isOpen = state === 'pending' || state === 'rejected';
  const isAlive = isOpen || state === 'approved' || state === 'dispatched';
  const canDecide = mayApprove(me) && requester !== me.name;
  return [
    ...(isOpen && canDecide && !mine ? (['approve', 'reject'] as const) : []),
    ...((isOpen || state === 'approved') && mine ? (['withdraw'] as const) : []),
    ...(isAlive && (requester === me.name || mayApprove(me)) ? (['abort'] as const) : []),
  ];
}
