import { parameterValues } from '../../../shared/library/index.ts';
import type { Plan, PlanKernel, PlanReply } from '../../../shared/messages/index.ts';
import { signingSummaryText } from '../../../shared/module-signing/index.ts';
import { answerText } from '../../../shared/rows/index.ts';
import {
  digestHex,
  formatTime,
  groupPlan,
  hostCount,
  labelList,
  type PlanAnswer,
  type PlanGroup,
  printable,
  type ReadPlan,
  wouldRun,
} from '../../views/index.ts';
import type { Paint } from './red-words.ts';
import { wrap } from './wrap.ts';

/** How many lines of each kind one group shows. `--json` has all of them. */
const LIMITS = { kernels: 8, steps: 40, rows: 20 };

const INDENT = '  ';
/** Narrow enough that a digest fits into a line of 80 characters. */
const NAME_WIDTH = 7;

/** A plan for people: one line for each kernel, and each answer once for all kernels that gave it. */
export function renderPlan(read: ReadPlan, columns: number, paint: Paint = text => text): string[] {
  const { plan, query, view, digest, replies } = read;
  const answered = `${replies.size} of ${query.hosts.length} asked hosts answered`;
  const lines = [
    line('', `Plan ${view.id} for ${hostCount(plan.expectedHosts)}; ${answered}; nothing was run`),
    line(INDENT, 'hosts', printable(plan.selector)),
    line(INDENT, 'made', `${formatTime(view.madeAtMs)} by ${query.requester}`),
    line(INDENT, 'plan', digestHex(digest)),
    ...(query.fuel === undefined ? [] : [line(INDENT, 'fuel', fuelText(query.fuel))]),
    ...valueLines(query).map(each => line(INDENT, 'values', each)),
    ...signingLines(plan),
    ...labelLines(plan),
    ...groupPlan(read).flatMap(group => renderGroup(group, ambiguousReleases(plan.kernels))),
  ];
  return lines.flatMap(({ text, hang, isRed }) => {
    const wrapped = wrap(text, { columns, hang });
    return isRed ? wrapped.map(paint) : wrapped;
  });
}

/** `PID=42` for each value of a parameter; a text stands in quotes, so that no character of it misleads. */
export function valueLines({ values }: { readonly values?: string | undefined }): string[] {
  const known = values === undefined ? undefined : parameterValues(values);
  return [...(known ?? [])].map(([name, value]) => {
    const isPlain = /^[\w-]+$/.test(value);
    return `${name}=${isPlain ? value : printable(JSON.stringify(value))}`;
  });
}

/** How often the loops of a program may turn, where its request says so. */
export function fuelText(fuel: number): string {
  return `${fuel.toLocaleString('en')} turns of its loops`;
}

/** How many kernels accept the modules that the controller signs, if any kernel enforces signatures. */
function signingLines({ signing }: Plan): Line[] {
  const text = signing && signingSummaryText(signing);
  return text ? [line(INDENT, 'trust', printable(text))] : [];
}

/** The hosts whose labels people have changed since they enrolled them. */
function labelLines({ relabelled }: Plan): Line[] {
  return relabelled.map(({ host, labels, isTaken }) => {
    const list = labelList(labels) || 'no labels';
    const since = isTaken ? 'since its enrolment' : 'and it has not taken them yet, so it may not run this';
    const text = printable(`${host} has ${list}: people changed them ${since}`);
    return { ...line(INDENT, 'labels', text), isRed: !isTaken };
  });
}

interface Line {
  readonly text: string;
  /** The indent of the further lines, if the text is too long for one. */
  readonly hang: number;
  /** Whether nobody may overlook it. */
  readonly isRed?: boolean;
}

function line(indent: string, name: string, text?: string): Line {
  if (text === undefined) return { text: `${indent}${name}`, hang: indent.length + 2 };
  const label = `${name} `.padEnd(NAME_WIDTH);
  return { text: `${indent}${label}${text}`, hang: indent.length + label.length };
}

function renderGroup(group: PlanGroup, ambiguous: ReadonlySet<string>): Line[] {
  const { hosts, kernels, answers } = group;
  const shown = kernels.slice(0, LIMITS.kernels).map(kernel => kernelLine(kernel, ambiguous));
  const rest = kernels.slice(LIMITS.kernels);
  const more = rest.reduce((sum, kernel) => sum + kernel.hosts, 0);
  return [
    line('', ''),
    line('', `${hostCount(hosts)}: ${verdictOf(answers)}`),
    ...shown,
    ...(rest.length > 0 ? [line(INDENT, `… ${rest.length} more kernels, ${hostCount(more)}`)] : []),
    ...answers.flatMap(answer => renderAnswer(answer, answers.length > 1)),
  ];
}

/** `6.1.0-18-amd64 x86_64: 4200 hosts, asked web-1`. */
function kernelLine(
  { release, version, arch, hosts, asked }: PlanKernel,
  ambiguous: ReadonlySet<string>,
): Line {
  const name = `${release} ${arch}`;
  const build = ambiguous.has(name) && version !== '' ? ` (${version})` : '';
  const hostsAsked = asked.length > 0 ? `asked ${asked.join(', ')}` : 'no host was asked';
  return line(INDENT, printable(`${name}${build}: ${hostCount(hosts)}, ${hostsAsked}`));
}

/** The names of kernels that have several builds. */
function ambiguousReleases(kernels: readonly PlanKernel[]): ReadonlySet<string> {
  const byName = Map.groupBy(kernels, ({ release, arch }) => `${release} ${arch}`);
  return new Set([...byName].filter(([, builds]) => builds.length > 1).map(([name]) => name));
}

const NO_ANSWER = 'no answer in time (--wait 1m waits longer)';

/** What changes a refusal by policy, and who can. */
const POLICY_HINT =
  'a host allows what the policy file on it says, /etc/farcall/policy.json: who administers the host can change it (docs/guide/policy.md)';

function verdictOf(answers: readonly PlanAnswer[]): string {
  const [first, second] = answers;
  if (!first) return NO_ANSWER;
  if (second) return 'hosts with the same kernel gave different answers';
  const { reply } = first;
  if (reply.error) return `would not run it: ${reply.error.outcome}`;
  if (reply.depth === 'none') return 'their policy allows no plans';
  if (reply.refusals.length > 0) return 'would refuse it';
  return reply.module ? 'would load it as a module' : 'would read, without a module';
}

function renderAnswer({ hosts, reply, modules }: PlanAnswer, named: boolean): Line[] {
  const { error, refusals, effect, callees, indirectCalls, warnings, steps, rows, ending, notes } = reply;
  const { answers } = reply;
  const items: (readonly [name: string, text: string])[] = [
    // After its first line, a message shows the line of the program with a caret, which wrapping would
    // misplace.
    ...(error
      ? [[error.code === 'POLICY_REFUSED' ? 'refused' : 'error', error.message.split('\n')[0] ?? ''] as const]
      : []),
    ...refusals.map(({ message }) => ['refused', message] as const),
    ...(refusals.length > 0 ? [['', POLICY_HINT] as const] : []),
    ...(effect ? [['effect', effect] as const] : []),
    ...callees.map(({ module, prototype }) => ['callee', inModule(prototype, module)] as const),
    ...indirectCalls.map(each => [POINTER, pointerText(each)] as const),
    ...answers.map(each => ['asks', answerText(each)] as const),
    ...steps
      .slice(0, LIMITS.steps)
      .map(
        ({ kind, line: at, column, text }) =>
          [`${at}:${column}`, kind === 'watch' || kind === 'deny' ? text : `${kind} ${text}`] as const,
      ),
    ...leftOut(steps.length + reply.droppedSteps - LIMITS.steps, 'calls and writes'),
    ...rows.slice(0, LIMITS.rows).map(row => ['row', row] as const),
    ...leftOut(rows.length + reply.droppedRows - LIMITS.rows, 'rows'),
    ...(ending ? [['ends', endingText(ending)] as const] : []),
    ...modulesText(modules),
    ...warnings.map(({ line: at, column, message }) => ['warns', `${at}:${column} ${message}`] as const),
    ...notes.map(note => ['note', note] as const),
  ];
  const heading = `${hosts.join(', ')}${wouldRun(reply) ? '' : ' would not run it'}:`;
  return [
    ...(named ? [line(INDENT, heading)] : []),
    ...items.map(([name, text]) => {
      const shown = line(INDENT, name, printable(text.replaceAll('\n', ' ')));
      return { ...shown, isRed: name === POINTER };
    }),
  ];
}

const POINTER = 'POINTER';

/** Where a pointer is called, its type, and what the host would let it hold. */
function pointerText({
  line: at,
  column,
  prototype,
  permitted,
  droppedPermitted,
}: PlanReply['indirectCalls'][number]): string {
  const count = permitted.length + droppedPermitted;
  const more = droppedPermitted > 0 ? `, … ${droppedPermitted} more` : '';
  const names = count === 0 ? 'none that the host permits' : `${permitted.join(', ')}${more}`;
  return `${at}:${column} INDIRECT CALL of what a pointer to ${prototype} holds: ${names}`;
}

/** The size of the module, and its digest if all kernels get the same module. Both differ between kernels. */
function modulesText(modules: PlanAnswer['modules']): (readonly [string, string])[] {
  const sizes = modules.map(({ sizeBytes }) => sizeBytes);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  if (modules.length === 0) return [];
  if (modules.length > 1)
    return [['module', `${least === most ? least : `${least} to ${most}`} bytes, different for each kernel`]];
  return [
    ['module', `${least} bytes`],
    ['', `sha256:${modules[0]!.sha256}`],
  ];
}

function inModule(prototype: string, module: string | undefined): string {
  return module === undefined ? prototype : `${prototype} of ${module}`;
}

function leftOut(count: number, what: string): (readonly [string, string])[] {
  return count > 0 ? [['…', `${count} more ${what}; see --json`]] : [];
}

function endingText({ kind, text }: NonNullable<PlanReply['ending']>): string {
  return kind === 'depends' ? text : `${kind} ${text}`;
}
