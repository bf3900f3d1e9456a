import type { ReactElement } from 'react';
import { FactList } from './fact-list.tsx';
import { Icon } from './icon.tsx';

/** What a passkey is about to sign, read from the bytes. */
export function SignedFacts({ entries }: Parameters<typeof FactList>[0]): ReactElement {
  return (
    <div className="panel signed words">
      <p className="word">
        <Icon name="seal" size={14} /> what your passkey signs
      </p>
      <FactList entries={entries} />
    </div>
  );
}
