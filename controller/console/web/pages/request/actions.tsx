import { type ReactElement, useState } from 'react';
import type { MeJson, RequestJson, SignedAction } from '../../api/index.ts';
import { mayApprove, useMe } from '../../nav/index.ts';
import { Icon, type IconName } from '../../ui/index.ts';
import { SignDialog } from './sign-dialog.tsx';
import type { SignedContent } from './use-signed.ts';

/** A request, its signed content, and what to do with the request as an action left it. */
export interface ActionsProps {
  readonly json: RequestJson;
  readonly signed: SignedContent;
  readonly onDone: (after: RequestJson) => void;
}

const BUTTONS: Readonly<
  Record<SignedAction, { readonly text: string; readonly icon: IconName; readonly look: string }>
> = {
  approve: { text: 'Approve', icon: 'seal', look: 'primary' },
  reject: { text: 'Reject', icon: 'minus', look: '' },
  withdraw: { text: 'Take back', icon: 'back', look: '' },
  abort: { text: 'Abort', icon: 'stop', look: 'danger' },
};

/** Buttons for what this person can do now with their signature. */
export function Actions(props: ActionsProps): ReactElement {
  const me = useMe();
  const [action, setAction] = useState<SignedAction>();
  return (
    <div className="actions">
      {possibleActions(props.json, me).map(each => (
        <button
          key={each}
          type="button"
          className={`button ${BUTTONS[each].look}`}
          onClick={() => setAction(each)}
        >
          <Icon name={BUTTONS[each].icon} /> {BUTTONS[each].text}
        </button>
      ))}
      {action && <SignDialog {...props} action={action} onClose={() => setAction(undefined)} />}
    </div>
  );
}

/**
 * The actions that can succeed now. The hosts and the controller decide; the page only leaves out what they
 * would refuse.
 */
function possibleActions({ requester, status }: RequestJson, me: MeJson): readonly SignedAction[] {
  const { state, decisions } = status;
  const hasDecided = decisions.some(({ approver, withdrawn }) => approver === me.name && !withdrawn);
  const isOpen = state === 'pending' || state === 'rejected';
  const canAbort = isOpen || state === 'approved' || state === 'dispatched';
  const isRequester = requester === me.name;
  return [
    ...(isOpen && mayApprove(me) && !isRequester && !hasDecided ? (['approve', 'reject'] as const) : []),
    ...((isOpen || state === 'approved') && hasDecided ? (['withdraw'] as const) : []),
    ...(canAbort && (isRequester || mayApprove(me)) ? (['abort'] as const) : []),
  ];
}
