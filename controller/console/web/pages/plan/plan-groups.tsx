import type { ReactElement } from 'react';
import type { PlanGroupJson, PlanJson, PlanReplyJson } from '../../api/index.ts';
import { count, hosts } from '../../text/index.ts';
import { Copyable, Icon } from '../../ui/index.ts';
import { PlanReply } from './plan-reply.tsx';

/** A plan as cards, each with the kernels whose hosts replied the same. */
export function PlanGroups({ plan }: { readonly plan: PlanJson }): ReactElement {
  return (
    <>
      <p className="muted small-text">
        Plan <code>{plan.id}</code> for {hosts(plan.expectedHosts)}: {plan.answers.length} of{' '}
        {plan.hosts.length} asked hosts replied. Nothing was run.{' '}
        <Copyable text={`sha256:${plan.digest}`} label="the plan's digest" />
      </p>
      <div className="plan-groups">
        {plan.groups.map(group => (
          <GroupCard key={group.kernels.map(buildText).join()} {...{ group, plan }} />
        ))}
      </div>
    </>
  );
}

type KernelBuild = PlanGroupJson['kernels'][number];

function buildText({ release, version, arch }: KernelBuild): string {
  return `${release} ${version} ${arch}`;
}

function GroupCard({
  group,
  plan,
}: {
  readonly group: PlanGroupJson;
  readonly plan: PlanJson;
}): ReactElement {
  const replies = repliesOf(plan, group);
  const verdict = verdictOf(replies.map(({ reply }) => reply));
  return (
    <article className={`plan-card tone-${verdict.tone}`}>
      <header>
        <p className="verdict">
          <Icon name={verdict.shape} size={15} /> {verdict.text}
        </p>
        <b>{hosts(group.hosts)}</b>
      </header>
      <ul className="plan-kernels">
        {group.kernels.map(build => (
          <li key={buildText(build)} title={build.version}>
            <code>{build.release}</code> <span className="muted">{build.arch}</span>
            <span className="muted"> {count(hostsOf(plan, build))}</span>
          </li>
        ))}
      </ul>
      {replies.map(({ names, reply }) => (
        <PlanReply key={names.join()} hosts={replies.length > 1 ? names : []} reply={reply} />
      ))}
    </article>
  );
}

function hostsOf({ kernels }: PlanJson, build: KernelBuild): number {
  return kernels.find(kernel => buildText(kernel) === buildText(build))?.hosts ?? 0;
}

/** The replies of a group, each with the hosts that gave it. */
export function repliesOf(plan: PlanJson, group: PlanGroupJson) {
  return group.answers.flatMap(({ hosts: names }) => {
    const reply = plan.answers.find(({ host }) => host === names[0]);
    return reply ? [{ names, reply }] : [];
  });
}

/** What hosts that replied so would do with the program: in words, with a colour and an icon. */
export function verdictOf([reply, another]: readonly PlanReplyJson[]) {
  if (!reply) return { tone: 'idle', shape: 'question', text: 'No host replied' } as const;
  if (another)
    return { tone: 'held', shape: 'warn', text: 'Hosts with the same kernel replied differently' } as const;
  const { error, refusals, depth, module } = reply;
  if (error) return { tone: 'bad', shape: 'cross', text: `Would not run: ${error.outcome}` } as const;
  if (depth === 'none') return { tone: 'held', shape: 'question', text: 'Its policy forbids plans' } as const;
  if (refusals.length > 0) return { tone: 'bad', shape: 'stop', text: 'Would refuse it' } as const;
  return module
    ? ({ tone: 'ok', shape: 'check', text: 'Would load it as a module' } as const)
    : ({ tone: 'ok', shape: 'check', text: 'Would read, without a module' } as const);
}
