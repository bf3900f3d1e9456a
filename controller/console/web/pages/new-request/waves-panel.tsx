import type { ReactElement } from 'react';
import { Icon } from '../../ui/index.ts';
import type { Draft } from './draft.ts';
import { TextField } from './text-field.tsx';
import { WaveRow } from './wave-row.tsx';

/** The waves that a button fills in: one host, a tenth, the rest. */
const CAREFUL_WAVES = ['1; manual', '10%; bake 5m', 'rest'];

interface WavesPanelProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problem: string | undefined;
  /** How many hosts the request would have, once that is known. */
  readonly expected: number | undefined;
}

/** The waves of the rollout, and the limits of their gate. */
export function WavesPanel({ draft, change, problem, expected }: WavesPanelProps): ReactElement {
  const { waves } = draft;
  const set = (next: readonly string[]): void => change({ waves: next });
  return (
    <section className="panel waves-panel" aria-labelledby="waves">
      <div className="panel-head">
        <h2 id="waves">Waves</h2>
        <small>
          {waves.length === 0
            ? 'one, of all hosts at once'
            : 'each starts once the previous one passed its gate'}
        </small>
      </div>
      <ol className="wave-rows">
        {waves.map((wave, index) => (
          <WaveRow
            // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a wave
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
          <button type="button" className="button small" onClick={() => set(CAREFUL_WAVES)}>
            One host, 10%, rest
          </button>
        )}
      </div>
      {waves.length > 0 && <GateFields {...{ draft, change }} />}
      {waves.length > 0 && <IdleField {...{ draft, change }} />}
      {waves.length > 0 && problem && (
        <p className="outcome tone-bad" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

/** Whether a wave passes on which the program compiles nowhere. */
function IdleField({ draft, change }: Pick<WavesPanelProps, 'draft' | 'change'>): ReactElement {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={draft.notApplicableOk}
        onChange={event => change({ notApplicableOk: event.target.checked })}
      />
      A wave passes although no host of it can run the program
    </label>
  );
}

function GateFields({ draft, change }: Pick<WavesPanelProps, 'draft' | 'change'>): ReactElement {
  return (
    <div className="triple">
      <TextField
        label="Hosts that may fail"
        hint="in a wave; empty means none"
        value={draft.maxFailed}
        placeholder="0"
        onChange={maxFailed => change({ maxFailed })}
      />
      <TextField
        label="Share that may fail"
        hint="of a wave: 1%, 0.5%"
        value={draft.maxFailedShare}
        placeholder="–"
        onChange={maxFailedShare => change({ maxFailedShare })}
      />
      <TextField
        label="Answers within"
        hint="later a host counts as failed"
        value={draft.answerWithin}
        placeholder="timeout + 60s"
        onChange={answerWithin => change({ answerWithin })}
      />
    </div>
  );
}
