import type { ReactElement, ReactNode } from 'react';
import { useId } from 'react';

/** Label, help and control of a form field. */
export interface FormFieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** The error of the value; shown instead of the hint. */
  readonly problem?: string | undefined;
  /** Renders the control with these attributes. */
  readonly children: (attributes: {
    id: string;
    'aria-describedby': string;
    'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

/** A labelled control. Help and errors are below it, and screen readers read them with it. */
export function FormField({ label, hint, problem, children }: FormFieldProps): ReactElement {
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

/** A choice between a few options, with the hint of the chosen one. */
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
