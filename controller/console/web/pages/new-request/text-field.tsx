import type { ReactElement } from 'react';
import { FormField } from '../../ui/index.ts';

/** A field of one short text, in the form's monospace font. */
export function TextField({
  label,
  hint,
  problem,
  value,
  placeholder,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  return (
    <FormField label={label} hint={hint} problem={problem}>
      {attributes => (
        <input
          {...attributes}
          className="mono"
          value={value}
          placeholder={placeholder}
          onChange={event => onChange(event.target.value)}
        />
      )}
    </FormField>
  );
}
