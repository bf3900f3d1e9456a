import type { ReactElement, ReactNode } from 'react';
import { useId } from 'react';

/** What a field of a form is told. */
export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it, in its own place. */
  readonly problem?: string | undefined;
  /** Draws the control with these attributes. */
  readonly children: (attributes: {
    id: string;
    'aria-describedby': string;
    'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

/** A labelled control; what helps and what is wrong stand below it and are read with it. */
export function Field({ label, hint, problem, children }: FieldProps): ReactElement {
  const id = useId();
  return (
    <div className={problem ? 'field invalid' : 'field'}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-hint`, 'aria-invalid': problem ? true : undefined })}
      <div className="field-hint" id={`${id}-hint`}>
        {problem ? (
          <span className="tone-bad" role="alert">
            {problem}
          </span>
        ) : (
          hint
        )}
      </div>
    </div>
  );
}

/** A choice of a few. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string; readonly hint?: string }[];
  readonly onChange: (value: T) => void;
}): ReactElement {
  const name = useId();
  const chosen = options.find(option => option.value === value);
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      <div className="choice-options">
        {options.map(option => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
      {chosen?.hint && <div className="field-hint">{chosen.hint}</div>}
    </fieldset>
  );
}
