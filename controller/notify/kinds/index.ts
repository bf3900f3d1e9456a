/** The kinds of events that webhooks can be sent, each with its meaning. */
export const EVENTS = {
  'request-created': 'somebody requested a call',
  'approval-added': 'an approver approved the request',
  'rejection-added': 'an approver rejected the request; nothing runs until they take that back',
  'approval-withdrawn': 'an approver took their approval back',
  'rejection-withdrawn': 'an approver took their rejection back',
  'emergency-begun': 'an emergency was approved; every webhook gets this, whatever kinds it asks for',
  'emergency-reviewed': 'somebody who was not in an emergency reviewed it',
  'emergency-overdue': 'an emergency was not reviewed in time; every webhook gets this too',
  'request-approved': 'enough approvers approved the request',
  'wave-started': 'a wave was ordered',
  'wave-passed': 'a wave passed its gate, and the rollout continues by itself',
  'awaiting-promotion': 'a wave passed its gate, and the next waits for a person',
  'rollout-stopped': 'a gate failed, or the life of the request ended before its last wave',
  'rollout-paused': 'a person paused the rollout',
  'rollout-resumed': 'a person resumed the rollout',
  'rollout-promoted': 'a person sent the next wave',
  'rollout-retried': 'a person let hosts try again',
  'abort-made': 'a person aborted the request',
  'request-aborted': 'the request was aborted, and every host has its outcome',
  'request-finished': 'every host has its outcome',
  'request-expired': 'the life of the request ended before it was ordered, so nothing ran',
  'checkpoint-conflict': 'somebody holds a signed checkpoint that the audit log contradicts',
} as const;

/** Events that no webhook can leave out. */
export const ALARMS: readonly EventKind[] = ['emergency-begun', 'emergency-overdue'];

/** A kind of event. */
export type EventKind = keyof typeof EVENTS;

/** All of them. */
export const EVENT_KINDS = Object.keys(EVENTS) as [EventKind, ...EventKind[]];
