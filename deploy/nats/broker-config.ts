import {
  ABORTS_SUBJECT,
  HOST_TOPICS,
  hostSubject,
  inboxPrefix,
  ORDERS_SUBJECT,
  TRUST_SUBJECT,
} from '../../shared/subjects/index.ts';

/** Somebody who may connect to the broker. */
export interface BrokerUser {
  readonly name: string;
  readonly password: string;
}

/** What {@link brokerConfig} is told. */
export interface BrokerConfigInput {
  readonly port: number;
  readonly logFile: string;
  readonly controllers: readonly BrokerUser[];
  /** The user's name is the host's name. */
  readonly hosts: readonly BrokerUser[];
}

/**
 * Configuration of a nats-server on loopback, one user for each controller and host.
 *
 * Threat: a host that is taken over speaks for other hosts, or reads what is meant for them. So a host may publish only
 * under its own name, and read only orders, trust bundles and its own inbox; what is published under its name is from it.
 */
export function brokerConfig({ port, logFile, controllers, hosts }: BrokerConfigInput): string {
  const users = [...controllers.map(controllerUser), ...hosts.map(hostUser)];
  return [
    'host: "127.0.0.1"',
    `port: ${port}`,
    `log_file: ${quoted(logFile)}`,
    'max_payload: 1MB',
    'authorization {',
    '  users: [',
    ...users.map(user => `    ${user}`),
    '  ]',
    '}',
    '',
  ].join('\n');
}

/** A controller hears every host, answers into every inbox, and alone gives orders and passes trust bundles on. */
function controllerUser(user: BrokerUser): string {
  return userEntry(user, {
    publish: [ORDERS_SUBJECT, ABORTS_SUBJECT, TRUST_SUBJECT, 'farcall.inbox.>'],
    subscribe: ['farcall.host.>', `_INBOX.>`],
  });
}

function hostUser(user: BrokerUser): string {
  const publish = HOST_TOPICS.map(topic => hostSubject(user.name, topic));
  const subscribe = [ORDERS_SUBJECT, ABORTS_SUBJECT, TRUST_SUBJECT, `${inboxPrefix(user.name)}.>`];
  return userEntry(user, { publish, subscribe });
}

function userEntry(
  { name, password }: BrokerUser,
  allowed: { publish: string[]; subscribe: string[] },
): string {
  const list = (subjects: readonly string[]): string => `[${subjects.map(quoted).join(', ')}]`;
  const permissions = `{ publish: { allow: ${list(allowed.publish)} }, subscribe: { allow: ${list(allowed.subscribe)} } }`;
  return `{ user: ${quoted(name)}, password: ${quoted(password)}, permissions: ${permissions} }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
