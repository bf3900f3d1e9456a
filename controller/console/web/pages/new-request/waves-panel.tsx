import { type ReactElement, useId } from 'react';
import { duration, hosts } from '../../text/index.ts';
import { Field, Icon } from '../../ui/index.ts';
import type { Draft } from './draft.ts';
import { waveIn } from './rollout-fields.ts';

const CAREFUL = ['1; manual', '10%; bake 5m', 'rest'];

/** In which steps it goes through its hosts, and when it stops. */
export function WavesPanel({
  draft,
  change,
  problem,
  expected,
}: {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problem: string | undefined;
  readonly expected: number | undefined;
}): ReactElement {
  const { waves } = draft;
  const set = (next: readonly string[]): void => change({ waves: next });
  return (
    <section className="panel waves-panel" aria-labelledby="waves">
      <div className="panel-head">
        <h2 id="waves">Waves</h2>
        <small>
          {waves.length === 0
            ? 'one, of all hosts at once'
            : 'each starts when the one before passed its gate'}
        </small>
      </div>
      <ol className="wave-rows">
        {waves.map((wave, index) => (
          <WaveRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
            key={index}
            {...{ wave, index, expected }}
            onChange={text => set(waves.with(index, text))}
            onRemove={() => set(waves.toSpliced(index, 1))}
          />
        ))}
      </ol>
      <div className="chips">
        <button
          type="button"
          className="button small"
          onClick={() => set([...waves, waves.length === 0 ? '10%; bake 5m' : 'rest'])}
        >
          <Icon name="plus" size={14} /> Add a wave
        </button>
        {waves.length === 0 && (
          <button type="button" className="button small" onClick={() => set(CAREFUL)}>
            One host, 10%, rest
          </button>
        )}
      </div>
      {waves.length > 0 && (
        <>
          <div className="triple">
            <Field label="Hosts that may fail" hint="in a wave; none if empty">
              {attributes => (
                <input
                  {...attributes}
                  className="mono"
                  value={draft.maxFailed}
                  placeholder="0"
                  onChange={event => change({ maxFailed: event.target.value })}
                />
              )}
            </Field>
            <Field label="Share that may fail" hint="of a wave: 1%, 0.5%">
              {attributes => (
                <input
                  {...attributes}
                  className="mono"
                  value={draft.maxFailedShare}
                  placeholder="–"
                  onChange={event => change({ maxFailedShare: event.target.value })}
                />
              )}
            </Field>
            <Field label="Answers within" hint="who is silent then has failed">
              {attributes => (
                <input
                  {...attributes}
                  className="mono"
                  value={draft.answerWithin}
                  placeholder="timeout + 60s"
                  onChange={event => change({ answerWithin: event.target.value })}
                />
              )}
            </Field>
          </div>
          {problem && (
            <p className="outcome tone-bad" role="alert">
              {problem}
            </p>
          )}
        </>
      )}
    </section>
  );
}

function WaveRow({
  wave,
  index,
  expected,
  onChange,
  onRemove,
}: {
  readonly wave: string;
  readonly index: number;
  readonly expected: number | undefined;
  readonly onChange: (text: string) => void;
  readonly onRemove: () => void;
}): ReactElement {
  const id = useId();
  const { text, isWrong } = meaningOf(wave, expected);
  return (
    <li className="wave-row">
      <label htmlFor={id}>{index + 1}</label>
      <input
        id={id}
        className="mono"
        aria-label={`Wave ${index + 1}`}
        aria-describedby={`${id}-means`}
        aria-invalid={isWrong || undefined}
        value={wave}
        spellCheck={false}
        placeholder="10%; bake 5m; manual"
        onChange={event => onChange(event.target.value)}
      />
      <span id={`${id}-means`} className={isWrong ? 'tone-bad outcome wrap' : 'muted'}>
        {text}
      </span>
      <button
        type="button"
        className="button ghost icon-only small"
        aria-label={`Remove wave ${index + 1}`}
        onClick={onRemove}
      >
        <Icon name="close" size={14} />
      </button>
    </li>
  );
}

function meaningOf(wave: string, expected: number | undefined): { text: string; isWrong: boolean } {
  try {
    const { size, selector, bakeMs, manual } = waveIn(wave);
    const share = /^(\d+)%$/.exec(size)?.[1];
    const whole = size === 'rest' ? 'all that are left' : '';
    const number = share && expected ? Math.ceil((expected * Number(share)) / 100) : Number(size);
    const named = Number.isNaN(number) ? whole : `${share ? 'about ' : ''}${hosts(number)}`;
    const parts = [
      selector ? `${size === 'rest' ? 'all' : size} of ${selector}` : named,
      bakeMs > 0 ? `then watched for ${duration(bakeMs)}` : '',
      manual ? 'then a person promotes' : '',
    ];
    return { text: parts.filter(part => part !== '').join(', '), isWrong: false };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isWrong: true };
  }
}
