import type { ReactElement } from 'react';
import { FormField } from './form-field.tsx';

/** Where a person writes the reason that they sign. */
export function ReasonField({
  reason,
  onChange,
}: {
  readonly reason: string;
  readonly onChange: (reason: string) => void;
}): ReactElement {
  return (
    <FormField label="Reason" hint="You sign it too, and everybody can read it.">
      {attributes => (
        <textarea
          {...attributes}
          rows={2}
          required
          maxLength={1024}
          value={reason}
          onChange={event => onChange(event.target.value)}
        />
      )}
    </FormField>
  );
}
