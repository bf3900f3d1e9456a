import type { ReactElement } from 'react';
import type { PlanAnswerJson, PlanJson } from '../../api/index.ts';
import { count, hosts, visible } from '../../text/index.ts';
import { Copyable, EffectBadge, Icon } from '../../ui/index.ts';

/** Calls and writes of one answer that are shown. */
const STEPS_SHOWN = 40;

/** A plan side by side: the kernels whose hosts said the same in one card. */
export function PlanGroups({ plan }: { readonly plan: PlanJson }): ReactElement {
  const answers = new Map(plan.answers.map(answer => [answer.host, answer]));
  return (
    <>
      <p className="muted small-text">
        Plan <code>{plan.id}</code> for {hosts(plan.expectedHosts)}: {plan.answers.length} of{' '}
        {plan.hosts.length} asked hosts answered, nothing was run.{' '}
        <Copyable text={`sha256:${plan.digest}`} label="the plan's digest" />
      </p>
      <div className="plan-groups">
        {plan.groups.map(group => (
          <GroupCard key={keyOf(group)} {...{ group, plan, answers }} />
        ))}
      </div>
    </>
  );
}

type Group = PlanJson['groups'][number];

function keyOf({ kernels }: Group): string {
  return kernels.map(({ release, version, arch }) => `${release} ${version} ${arch}`).join();
}

function GroupCard({
  group,
  plan,
  answers,
}: {
  readonly group: Group;
  readonly plan: PlanJson;
  readonly answers: ReadonlyMap<string, PlanAnswerJson>;
}): ReactElement {
  const said = group.answers.flatMap(({ hosts: by, wouldRun }) => {
    const answer = answers.get(by[0] ?? '');
    return answer ? [{ by, wouldRun, answer }] : [];
  });
  const verdict = verdictOf(said);
  return (
    <article className={`plan-card tone-${verdict.tone}`}>
      <header>
        <p className="verdict">
          <Icon name={verdict.shape} size={15} /> {verdict.text}
        </p>
        <b>{hosts(group.hosts)}</b>
      </header>
      <ul className="plan-kernels">
        {group.kernels.map(({ release, version, arch }) => (
          <li key={`${release} ${version} ${arch}`} title={version}>
            <code>{release}</code> <span className="muted">{arch}</span>
            <span className="muted"> {count(hostsOf(plan, release, version, arch))}</span>
          </li>
        ))}
      </ul>
      {said.map(({ by, answer }) => (
        <Answer key={by.join()} by={said.length > 1 ? by : []} answer={answer} />
      ))}
    </article>
  );
}

function hostsOf({ kernels }: PlanJson, release: string, version: string, arch: string): number {
  return (
    kernels.find(kernel => kernel.release === release && kernel.version === version && kernel.arch === arch)
      ?.hosts ?? 0
  );
}

type Said = { readonly wouldRun: boolean; readonly answer: PlanAnswerJson };

function verdictOf(said: readonly Said[]) {
  const [first, second] = said;
  if (!first) return { tone: 'idle', shape: 'question', text: 'No answer, so nobody knows' } as const;
  if (second)
    return { tone: 'held', shape: 'warn', text: 'Hosts of one kernel say different things' } as const;
  const { error, refusals, depth, module } = first.answer;
  if (error) return { tone: 'bad', shape: 'cross', text: `Would not run: ${error.outcome}` } as const;
  if (depth === 'none')
    return { tone: 'held', shape: 'question', text: 'Says nothing, by its own policy' } as const;
  if (refusals.length > 0) return { tone: 'held', shape: 'stop', text: 'Would refuse it' } as const;
  return module
    ? ({ tone: 'ok', shape: 'check', text: 'Would load it as a module' } as const)
    : ({ tone: 'ok', shape: 'check', text: 'Would read, without a module' } as const);
}

function Answer({
  by,
  answer,
}: {
  readonly by: readonly string[];
  readonly answer: PlanAnswerJson;
}): ReactElement {
  const { error, refusals, effect, callees, warnings, steps, droppedSteps, rows, ending, notes, module } =
    answer;
  const more = steps.length - STEPS_SHOWN + droppedSteps;
  return (
    <div className="plan-answer">
      {by.length > 0 && <p className="muted small-text">{by.join(', ')} said:</p>}
      {error && (
        <pre className="plan-error">
          {error.message}
          {'\n'}
          <b>{error.code}</b>
        </pre>
      )}
      {refusals.map(({ code, message }) => (
        <p key={message} className="outcome tone-held wrap">
          {message} <code>{code}</code>
        </p>
      ))}
      {effect && (
        <p className="small-text">
          effect <EffectBadge effect={effect} />
        </p>
      )}
      {callees.length > 0 && (
        <Part title="Functions">
          {callees.map(({ prototype, module: holder }) => (
            <li key={prototype}>
              <code>{visible(prototype)}</code>
              {holder && <span className="muted"> of {holder}</span>}
            </li>
          ))}
        </Part>
      )}
      {steps.length > 0 && (
        <Part title="Calls and writes">
          {steps.slice(0, STEPS_SHOWN).map(({ kind, line, column, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
            <li key={index}>
              <span className="muted">
                {line}:{column}
              </span>{' '}
              <b className={kind === 'write' ? 'effect-write' : ''}>{kind}</b> <code>{visible(text)}</code>
            </li>
          ))}
          {more > 0 && <li className="muted">… {count(more)} more</li>}
        </Part>
      )}
      {rows.length > 0 && (
        <Part title="Rows">
          {rows.slice(0, 8).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <li key={index}>
              <code>{visible(row)}</code>
            </li>
          ))}
        </Part>
      )}
      {ending && (
        <p className="small-text">
          ends <code>{ending.kind === 'depends' ? ending.text : `${ending.kind} ${ending.text}`}</code>
        </p>
      )}
      {module && (
        <p className="small-text">
          module of {count(module.sizeBytes)} bytes{' '}
          <code className="muted break">sha256:{module.sha256.slice(0, 16)}…</code>
        </p>
      )}
      {warnings.map(({ line, column, message }) => (
        <p key={message} className="outcome tone-held wrap">
          {line}:{column} {message}
        </p>
      ))}
      {notes.map(note => (
        <p key={note} className="muted small-text">
          {note}
        </p>
      ))}
    </div>
  );
}

function Part({
  title,
  children,
}: {
  readonly title: string;
  readonly children: React.ReactNode;
}): ReactElement {
  return (
    <div className="plan-part">
      <h3>{title}</h3>
      <ul>{children}</ul>
    </div>
  );
}
