import { type FormEvent, type ReactElement, useState } from 'react';
import { FormField } from '../../ui/index.ts';
import type { RowView } from './rows.tsx';

/** Columns that every row has. */
const HOST_COLUMNS = ['host', 'kernel', 'arch', 'wave'];

/** Conditions, groups and the measured column. Conditions are sent when Enter or Show is pressed. */
export function RowSearch({
  columns,
  view,
  onChange,
}: {
  readonly columns: readonly string[];
  readonly view: RowView;
  readonly onChange: (view: RowView) => void;
}): ReactElement {
  const [where, setWhere] = useState(view.where);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onChange({ ...view, where });
  };
  const isGrouped = view.groupBy !== '';
  return (
    <form className="row-search" onSubmit={submit}>
      <FormField label="Conditions" hint="comm=nfsd*,age>30">
        {attributes => (
          <input
            {...attributes}
            type="search"
            spellCheck={false}
            value={where}
            onChange={({ target }) => setWhere(target.value)}
          />
        )}
      </FormField>
      <ColumnChoice
        label="Group by"
        none="no groups"
        columns={[...columns, ...HOST_COLUMNS]}
        value={view.groupBy}
        onChoose={groupBy => onChange({ ...view, groupBy, sort: '', of: groupBy && view.of })}
      />
      {isGrouped && (
        <ColumnChoice
          label="Measure"
          none="nothing"
          columns={columns}
          value={view.of}
          onChoose={of => onChange({ ...view, of, sort: '' })}
        />
      )}
      <button type="submit" className="button">
        Show
      </button>
    </form>
  );
}

function ColumnChoice({
  label,
  none,
  columns,
  value,
  onChoose,
}: {
  readonly label: string;
  readonly none: string;
  readonly columns: readonly string[];
  readonly value: string;
  readonly onChoose: (column: string) => void;
}): ReactElement {
  return (
    <FormField label={label}>
      {attributes => (
        <select {...attributes} value={value} onChange={({ target }) => onChoose(target.value)}>
          <option value="">{none}</option>
          {columns.map(column => (
            <option key={column} value={column}>
              {column}
            </option>
          ))}
        </select>
      )}
    </FormField>
  );
}
