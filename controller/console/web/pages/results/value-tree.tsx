import type { ReactElement } from 'react';
import type { TypedValue, ValueNode } from '../../api/index.ts';
import { visible } from '../../text/index.ts';
import { Copyable } from '../../ui/index.ts';

/** Parts of a structure or array that are shown. */
const PARTS_SHOWN = 256;

/** A value in C's notation, and below it as a tree with types. */
export function ValueTree({ value }: { readonly value: TypedValue }): ReactElement {
  const parts = value.members ?? value.elements;
  return (
    <div className="value">
      <Copyable isBlock text={visible(value.text)} label="the value" />
      {parts && parts.length > 0 && (
        <ul className="tree">
          <Parts node={value} isOpen />
        </ul>
      )}
    </div>
  );
}

function Parts({ node, isOpen }: { readonly node: ValueNode; readonly isOpen: boolean }): ReactElement {
  const parts = node.members ?? node.elements ?? [];
  return (
    <>
      {parts.slice(0, PARTS_SHOWN).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a part
        <Part key={index} part={part} name={part.name ?? `[${index}]`} isOpen={isOpen && parts.length < 12} />
      ))}
      {(node.truncated || parts.length > PARTS_SHOWN) && <li className="muted">… the rest is left out</li>}
    </>
  );
}

function Part({
  part,
  name,
  isOpen,
}: {
  readonly part: ValueNode;
  readonly name: string;
  readonly isOpen: boolean;
}): ReactElement {
  const parts = part.members ?? part.elements;
  if (!parts || parts.length === 0)
    return (
      <li>
        <span className="value-name">{name}</span> <code>{scalarText(part)}</code>{' '}
        {part.type && <span className="value-type">{part.type}</span>}
      </li>
    );
  return (
    <li>
      <details open={isOpen}>
        <summary>
          <span className="value-name">{name}</span>{' '}
          <span className="value-type">
            {part.type ?? part.kind} {part.elements ? `[${parts.length}]` : ''}
          </span>
        </summary>
        <ul className="tree">
          <Parts node={part} isOpen={false} />
        </ul>
      </details>
    </li>
  );
}

function scalarText(part: ValueNode): string {
  const { kind, integer, address, symbol, errnoName, enumerator, string } = part;
  if (kind === 'string') return JSON.stringify(visible(string ?? ''));
  if (kind === 'bool') return integer === '0' ? 'false' : 'true';
  const main = enumerator ?? integer ?? address ?? (kind === 'struct' || kind === 'array' ? '{}' : kind);
  const notes = [errnoName, symbol, enumerator ? integer : undefined].filter(Boolean).join(', ');
  return notes ? `${main} /* ${notes} */` : main;
}
