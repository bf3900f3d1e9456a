import { type ReactElement, useEffect, useState } from 'react';
import { type LibraryComparison, libraryHeadersIn } from '../../../../../shared/library/index.ts';
import { compareLibrary, type SignedRequest } from '../../signed/index.ts';
import { visible } from '../../text/index.ts';
import { Code } from '../../ui/index.ts';

/**
 * The library that goes with a request: folded where it is word for word the library of this release, open
 * and in red where it is not.
 */
export function LibraryFold({ request }: { readonly request: SignedRequest }): ReactElement | null {
  const { library } = request;
  const compared = useComparison(library);
  if (library === undefined) return null;
  const isChanged = compared !== undefined && compared.changed.length > 0;
  return (
    <details className="folded-code" open={isChanged}>
      <summary className={isChanged ? 'outcome tone-bad' : undefined}>
        {compared === undefined ? 'Library' : summaryOf(library, compared)}
      </summary>
      <Code program={library} label="Library" />
    </details>
  );
}

function summaryOf(library: string, { names, changed }: LibraryComparison): string {
  if (changed.length > 0) return `Library, NOT as in this release: ${changed.map(visible).join(', ')}`;
  const count = `${names.length} definition${names.length === 1 ? '' : 's'}`;
  return `Library: ${count} of ${libraryHeadersIn(library).map(visible).join(', ')}, unchanged from this release`;
}

function useComparison(library: string | undefined): LibraryComparison | undefined {
  const [compared, setCompared] = useState<LibraryComparison & { readonly of: string }>();
  useEffect(() => {
    if (library === undefined) return;
    let isMounted = true;
    void compareLibrary(library).then(found => isMounted && setCompared({ ...found, of: library }));
    return () => {
      isMounted = false;
    };
  }, [library]);
  return compared?.of === library ? compared : undefined;
}
