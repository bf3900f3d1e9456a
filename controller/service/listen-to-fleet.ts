import { type HostHandler, listenToHosts } from '../bus/index.ts';
import { renewCredential } from '../enrolment/index.ts';
import {
  answerOrdersQuery,
  receiveAbortStatement,
  receiveHeartbeat,
  receiveHello,
  receiveResult,
} from '../gather/index.ts';
import { answerSignQuery } from '../module-signing/index.ts';
import { answerTrustQuery } from '../trust/index.ts';
import type { Services } from './services.ts';

/** How one topic is handled, and how many of its messages at a time. */
interface TopicHandler {
  readonly handler: (services: Services) => HostHandler;
  readonly concurrency: number;
}

/** Every topic on which hosts speak first. */
const TOPICS = {
  // A fleet that comes back says hello, and asks for what it missed, at one moment.
  hello: { handler: services => message => receiveHello(services, message), concurrency: 64 },
  orders: { handler: services => message => answerOrdersQuery(services, message), concurrency: 64 },
  trust: { handler: services => message => answerTrustQuery(services, message), concurrency: 64 },
  heartbeat: { handler: services => message => receiveHeartbeat(services, message), concurrency: 16 },
  // Enough that results are verified while others are committed, and that commits form groups.
  result: { handler: services => message => receiveResult(services, message), concurrency: 1024 },
  abort: { handler: services => message => receiveAbortStatement(services, message), concurrency: 256 },
  credential: { handler: services => message => renewCredential(services, message), concurrency: 1 },
  // What these queries have compiled waits in a queue of its own.
  sign: { handler: services => message => answerSignQuery(services, message), concurrency: 64 },
} as const satisfies Record<string, TopicHandler>;

/** Subscribes to everything that hosts send unasked. */
export function listenToFleet(services: Services): void {
  for (const topic of Object.keys(TOPICS) as (keyof typeof TOPICS)[]) {
    const { handler, concurrency } = TOPICS[topic];
    listenToHosts(services, topic, handler(services), concurrency);
  }
}
