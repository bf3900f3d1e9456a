import type { EventKind } from '../kinds/index.ts';

/** What an event says, before a receiver's format is made of it. */
export interface EventMessage {
  readonly type: EventKind;
  /** When it happened, as in RFC 3339. */
  readonly timestamp: string;
  /** One line for people, without anything that chat tools take for a mention or a link. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One event in the format of a receiver. */
export interface Posting {
  /** The address to post to, where it is not the configured one. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a format is made from, beside the message. */
export interface PostingInput {
  /** The event's id, the same for each try. */
  readonly id: string;
  readonly message: EventMessage;
  /** The configured address. */
  readonly url: string;
  /** The key that the receiver knows the sender by; empty where the address is all that it takes. */
  readonly key: string;
}

/** How one kind of receiver takes events. */
export type Format = (input: PostingInput) => Posting;

/** How an event looks: a failure, something that waits for people, an end that is well, or news. */
export type Tone = 'bad' | 'waits' | 'good' | 'news';

const TONES: Readonly<Partial<Record<EventKind, Tone>>> = {
  'rejection-added': 'bad',
  'emergency-begun': 'bad',
  'emergency-overdue': 'bad',
  'rollout-stopped': 'bad',
  'request-expired': 'bad',
  'checkpoint-conflict': 'bad',
  'request-created': 'waits',
  'awaiting-promotion': 'waits',
  'rollout-paused': 'waits',
  'abort-made': 'waits',
  'wave-passed': 'good',
  'emergency-reviewed': 'good',
  'request-approved': 'good',
  'request-finished': 'good',
};

/** The tone of an event of this kind. */
export function toneOf(kind: EventKind): Tone {
  return TONES[kind] ?? 'news';
}

/** The colours of tones in tools that take colours. */
export const COLOURS: Readonly<Record<Tone, string>> = {
  bad: '#b3261e',
  waits: '#b26a00',
  good: '#1b7f4b',
  news: '#5f6b7a',
};

/** The name of an event for people: `rollout-stopped` is "Rollout stopped". */
export function titleOf(kind: EventKind): string {
  return `${kind[0]!.toUpperCase()}${kind.slice(1).replaceAll('-', ' ')}`;
}

/** What people compare before they approve, as pairs of name and text. None of it is free text. */
export function factsOf({ data }: EventMessage): readonly (readonly [name: string, value: string])[] {
  const names = ['request', 'effect', 'policy', 'digest'] as const;
  return names.flatMap(name => (typeof data[name] === 'string' ? [[name, data[name]] as const] : []));
}

/** The page of the request in the console; undefined where there is no console. */
export function linkOf({ data: { link } }: EventMessage): string | undefined {
  return typeof link === 'string' ? link : undefined;
}

/** The request that an event is about; undefined for events of the whole site. */
export function requestOf({ data: { request } }: EventMessage): string | undefined {
  return typeof request === 'string' ? request : undefined;
}

/** `text` with at most `limit` UTF-16 code units. */
export function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
