import { expect, it } from 'vitest';
import type { OperatorHandlers } from '../../../controller/api/index.ts';
import { subcommandsOf } from '../../../controller/cli/core/index.ts';
import { buildProgram } from '../../../controller/cli/program.ts';
import { OPERATOR_METHODS, type OperatorMethodName } from '../../../controller/rpc/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type CallRequest,
  type CallResult,
  callRequestCodec,
  callResultCodec,
  type HostFacts,
  hostFactsCodec,
} from '../../../shared/messages/index.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { farcallAgainst, REQUEST } from './support/canned-answers.ts';
import { planKernel, planView } from './support/canned-plan.ts';
import { FORGED, HOSTILE_TEXT, hostileReplies, hostileValue } from './support/hostile-replies.ts';

const { id } = REQUEST;
const hosts = ['--hosts', 'env=prod'];
const why = ['--reason', 'r'];

/** Each command that shows what others wrote, as it is typed. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  request: ['f()', ...hosts, ...why, '--no-plan', '--yes'],
  undo: [id, ...why, '--no-plan', '--yes'],
  plan: ['f()', ...hosts],
  functions: ['f*'],
  approve: [id],
  reject: [id, ...why],
  withdraw: [id],
  review: [id, ...why],
  watch: [id],
  pause: [id, ...why],
  resume: [id, ...why],
  promote: [id, ...why],
  retry: [id, ...why, '--only', 'returned'],
  abort: [id, ...why],
  probes: ['--callers'],
  versions: [],
  report: [id],
  timeline: [id],
  doctor: [],
  inbox: [],
  requests: [],
  reviews: [],
  hosts: [],
  console: [],
  'audit show': [],
  'audit follow': ['--state', '/nowhere/state'],
  'audit witness': ['--state', '/nowhere/state', '--once'],
  lock: ['host', 'web-1', ...why],
  unlock: ['host', 'web-1', ...why],
  locks: [],
  'host enrol': ['web-1'],
  'host enrolments': [],
  'host revoke': [id],
  'host label': ['web-1'],
  'host remove': ['web-1', ...why],
  'host accept': ['web-1', ...why],
  'trust show': [],
  'trust publish': ['/nowhere/trust.json'],
  'signing hosts': ['--certificate', '/nowhere/module.pem'],
};

/** The commands that only read files of the person who types them, or nothing. */
const LOCAL = [
  ...[
    'audit verify',
    'key new',
    'key show',
    'release verify',
    'context list',
    'context use',
    'context show',
    'completion',
    'help',
  ],
  ...[
    '__complete',
    'trust init',
    'trust add',
    'trust remove',
    'trust team',
    'trust scope',
    'trust emergency',
  ],
  ...['trust sign', 'signing key new', 'signing key show', 'signing key enrol-help'],
];

const hostile = <T>(codec: { readonly schema: Parameters<typeof hostileValue>[0] }): T =>
  hostileValue(codec.schema, { value: undefined, rows: undefined, droppedRows: undefined }) as T;

/** The reply to each method, in which every text that can be hostile is. */
async function replies(): Promise<Readonly<Record<OperatorMethodName, unknown>>> {
  const request = callRequestCodec.encode({
    ...hostile<CallRequest>(callRequestCodec),
    ...{
      id,
      site: REQUEST.site,
      selector: 'env=prod',
      expiresAtMs: 4_102_444_800_000,
      planDigest: undefined,
    },
  });
  const result = callResultCodec.encode({
    ...hostile<CallResult>(callResultCodec),
    host: 'web-1',
  });
  const facts = hostFactsCodec.encode({ ...hostile<HostFacts>(hostFactsCodec), host: 'web-1' });
  const { plan } = await planView([planKernel('6.1.0', 1, ['web-1'])], {
    'web-1': { notes: ['x\u202e\u2028'] },
  });
  const all = hostileReplies({ request, result, facts, plan });
  const report = { ...(all.getReport as object), waiting: 0, otherHosts: 0, otherGroups: 0 };
  return { ...all, getReport: report, watchRequest: { request: all.getRequest } };
}

const REPLIES = await replies();

const answering = (reply: (name: OperatorMethodName) => unknown): OperatorHandlers => {
  const handlers = Object.entries(OPERATOR_METHODS).map(([name, { streams }]) => [
    name,
    streams
      ? async function* () {
          yield reply(name as OperatorMethodName);
        }
      : async () => reply(name as OperatorMethodName),
  ]);
  return Object.fromEntries(handlers);
};

const program = buildProgram({ terminal: testTerminal(), clock: systemClock, env: {} }, () => undefined);

it('every command is listed as one that shows what others wrote, or as one that does not', () => {
  const leaves = subcommandsOf(program).filter(command => command.commands.length === 0);
  const paths = leaves.map(command =>
    command.parent === program ? command.name() : `${command.parent?.name()} ${command.name()}`,
  );
  const all = leaves.map((command, index) => {
    const top = command.parent?.parent;
    return top && top !== program ? `${top.name()} ${paths[index]}` : paths[index];
  });
  expect(all.toSorted()).toEqual([...Object.keys(COMMANDS), ...LOCAL].toSorted());
});

/** How long a command may follow something. */
const FOLLOW_MS = 300;

/** The output of a command, with what a terminal would obey refused. */
async function outputOf(args: readonly string[], answers: OperatorHandlers, columns = 80): Promise<string> {
  const terminal = testTerminal({
    columns,
    canAsk: true,
    ask: async () => 'y',
    // What follows something without an end is ended.
    onInterrupt(listener) {
      const timer = setTimeout(listener, FOLLOW_MS);
      return () => clearTimeout(timer);
    },
  });
  const { stdout, stderr } = await farcallAgainst(answers, args, terminal);
  const output = `${stdout}\n${stderr}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  expect(output).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
  expect(output).not.toMatch(new RegExp(`^${FORGED}`, 'm'));
  return output;
}

it.each(Object.entries(COMMANDS))(
  'farcall %s prints no control character and no line of somebody else, whatever the controller sends',
  async (path, args) => {
    const line = [...path.split(' '), ...args];
    const sent = answering(name => REPLIES[name]);
    const refused = answering(() => {
      throw new FarcallError('CONFLICT', HOSTILE_TEXT);
    });
    for (const answers of [sent, refused])
      for (const each of [line, [...line, '--json']]) await outputOf(each, answers);
  },
);

it('the texts that somebody else wrote are shown, with what a terminal would obey in words', async () => {
  const sent = answering(name => REPLIES[name]);
  for (const args of [['requests'], ['report', id], ['timeline', id], ['approve', id], ['locks']])
    expect(await outputOf(args, sent, Number.POSITIVE_INFINITY), args[0]).toMatch(/\\u\{(1b|202e)\}/);
});
