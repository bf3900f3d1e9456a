import { type ReactElement, useEffect, useState } from 'react';
import type { CodeSpan } from '../highlight/index.ts';
import { visible } from '../text/index.ts';

/** A whole program with line numbers. Invisible characters are made visible. */
export function Code({ program, label }: { readonly program: string; readonly label: string }): ReactElement {
  const lines = useHighlighted(program);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard
    <section className="code" aria-label={label} tabIndex={0}>
      <ol>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a line
          <li key={index}>
            <code>
              {line.map(({ text, kind }, part) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a part
                <span key={part} className={kind}>
                  {visible(text)}
                </span>
              ))}
              {'\n'}
            </code>
          </li>
        ))}
      </ol>
    </section>
  );
}

function useHighlighted(program: string): readonly (readonly CodeSpan[])[] {
  const plain = program
    .replace(/\n+$/, '')
    .split('\n')
    .map(text => [{ text, kind: '' }]);
  const [highlighted, setHighlighted] = useState<{ program: string; lines: CodeSpan[][] }>();
  useEffect(() => {
    let isWanted = true;
    // The parser loads after the page; until then the text is plain.
    void import('../highlight/index.ts').then(({ highlightLines }) => {
      if (isWanted) setHighlighted({ program, lines: highlightLines(program.replace(/\n+$/, '')) });
    });
    return () => {
      isWanted = false;
    };
  }, [program]);
  return highlighted?.program === program ? highlighted.lines : plain;
}
