import type {
  CallRequest,
  EmergencyView,
  RequestSummary,
  RequestView,
} from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';

/** How many hosts of a request ended in which outcome; `waiting` are those without one. */
export type SumsJson = Readonly<Partial<Record<Outcome, number>>> & {
  readonly expected: number;
  readonly waiting: number;
};

/** A request in a list of requests. */
export type RequestSummaryJson = Omit<RequestSummary, 'digest'> & {
  /** SHA-256 of the bytes that people sign, in hexadecimal. */
  readonly digest: string;
  readonly sums: SumsJson;
};

/** Requests, newest first. */
export interface RequestListJson {
  readonly requests: readonly RequestSummaryJson[];
}

/** Emergencies that lack reviews, the one that is due first before others. */
export interface ReviewListJson {
  readonly emergencies: readonly {
    readonly request: RequestSummaryJson;
    /** They cannot review it, as its requester cannot. */
    readonly approvers: readonly string[];
    readonly emergency: EmergencyView;
  }[];
}

/** The status that the controller reports beside the bytes of a request. It is not signed. */
export type RequestStatusJson = Omit<RequestView, 'request'>;

/** A request: the members that were decoded from its bytes, the bytes themselves, and its status. */
export type RequestJson = Omit<CallRequest, 'planDigest' | 'expectedHostsDigest'> & {
  readonly planDigest?: string;
  readonly expectedHostsDigest?: string;
  /** SHA-256 of `bytes`, in hexadecimal. */
  readonly digest: string;
  /** The bytes that people sign, base64. */
  readonly bytes: string;
  readonly status: RequestStatusJson;
};

/** One line of a request's timeline. Hosts that answered one after the other share a line. */
export interface TimelineEvent {
  readonly atMs: number;
  /** Kind of the log's entry; `host-answered` and the other kinds of single hosts stand for many entries. */
  readonly kind: string;
  readonly actor: string;
  readonly text: string;
  /** How many of the hosts ended in which outcome, and when the last of them did. */
  readonly outcomes?: Readonly<Partial<Record<Outcome, number>>>;
  readonly untilMs?: number;
}

/** The timeline of a request, oldest event first. */
export interface TimelineJson {
  readonly events: readonly TimelineEvent[];
}
