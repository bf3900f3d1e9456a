import { type ReactElement, useState } from 'react';
import type { MeJson, RequestJson } from '../../api/index.ts';
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

/** The actions at the head of a request. Those on its rollout are beside its waves. */
type RequestAction = 'approve' | 'reject' | 'withdraw' | 'abort' | 'accept' | 'object';

const BUTTONS: Readonly<
  Record<RequestAction, { readonly text: string; readonly icon: IconName; readonly look: string }>
> = {
  approve: { text: 'Approve', icon: 'seal', look: 'primary' },
  reject: { text: 'Reject', icon: 'minus', look: '' },
  withdraw: { text: 'Take back', icon: 'back', look: '' },
  abort: { text: 'Abort', icon: 'stop', look: 'danger' },
  accept: { text: 'Accept the emergency', icon: 'check', look: '' },
  object: { text: 'Object', icon: 'minus', look: '' },
};

/** Buttons for what this person can do now with their signature. */
export function Actions(props: ActionsProps): ReactElement {
  const me = useMe();
  const [action, setAction] = useState<RequestAction>();
  const limit = limitOf(props.json.status, me);
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
      {limit && <p className="muted small-text">You may not approve this: {limit}.</p>}
      {action && <SignDialog {...props} action={action} onClose={() => setAction(undefined)} />}
    </div>
  );
}

/** Whether this person can review the emergency: they were not in it, and have not reviewed it. */
function canReview({ emergency, approvers }: RequestJson['status'], me: MeJson): boolean {
  if (!emergency || approvers.includes(me.name)) return false;
  return !emergency.reviews.some(({ reviewer }) => reviewer === me.name);
}

/** Why the scope of this person does not cover the request; undefined if it does, or nothing limits them. */
function limitOf({ limited }: RequestJson['status'], me: MeJson): string | undefined {
  return limited.find(({ name }) => name === me.name)?.reason;
}

/**
 * The actions that can succeed now. The hosts and the controller decide; the page only leaves out what they
 * would refuse.
 */
function possibleActions({ requester, effect, status }: RequestJson, me: MeJson): readonly RequestAction[] {
  const { state, decisions } = status;
  const hasDecided = decisions.some(({ approver, withdrawn }) => approver === me.name && !withdrawn);
  const isOpen = state === 'pending' || state === 'rejected';
  // What a request denies goes on when the request is finished; an abort takes it out.
  const mayDeny = effect === 'deny' && state === 'finished';
  const canAbort = isOpen || state === 'approved' || state === 'dispatched' || mayDeny;
  const isRequester = requester === me.name;
  const isLimited = limitOf(status, me) !== undefined;
  const canDecide = isOpen && mayApprove(me) && !isRequester && !hasDecided;
  return [
    ...(canDecide && !isLimited ? (['approve'] as const) : []),
    ...(canDecide ? (['reject'] as const) : []),
    ...((isOpen || state === 'approved') && hasDecided ? (['withdraw'] as const) : []),
    ...(mayApprove(me) && !isRequester && canReview(status, me) ? (['accept', 'object'] as const) : []),
    ...(canAbort && (isRequester || mayApprove(me)) ? (['abort'] as const) : []),
  ];
}
