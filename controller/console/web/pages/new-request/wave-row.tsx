import { type ReactElement, useId } from 'react';
import { duration, hosts } from '../../text/index.ts';
import { Icon } from '../../ui/index.ts';
import { waveIn } from './rollout-fields.ts';

/** One wave as it is typed, and what it means. */
export function WaveRow({
  wave,
  index,
  expected,
  onChange,
  onRemove,
}: {
  readonly wave: string;
  readonly index: number;
  /** How many hosts the request would have, once that is known. */
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
        aria-describedby={`${id}-meaning`}
        aria-invalid={isWrong || undefined}
        value={wave}
        spellCheck={false}
        placeholder="10%; bake 5m; manual"
        onChange={event => onChange(event.target.value)}
      />
      <span id={`${id}-meaning`} className={isWrong ? 'tone-bad outcome wrap' : 'muted'}>
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
    const percent = /^(\d+)%$/.exec(size)?.[1];
    const count = percent && expected ? Math.ceil((expected * Number(percent)) / 100) : Number(size);
    const whole = size === 'rest' ? 'all remaining hosts' : '';
    const target = Number.isNaN(count) ? whole : `${percent ? 'about ' : ''}${hosts(count)}`;
    const parts = [
      selector ? `${size === 'rest' ? 'all' : size} of ${selector}` : target,
      bakeMs > 0 ? `then watched for ${duration(bakeMs)}` : '',
      manual ? 'then a person promotes' : '',
    ];
    return { text: parts.filter(part => part !== '').join(', '), isWrong: false };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isWrong: true };
  }
}
