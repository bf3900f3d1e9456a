import { type ReactElement, useEffect, useState } from 'react';
import type { CodeSpan } from '../highlight/index.ts';
import { visible } from '../text/index.ts';

/** A program with line numbers, as it is: nothing is left out, and what cannot be seen is made visible. */
export function Code({ program, label }: { readonly program: string; readonly label: string }): ReactElement {
  const lines = useHighlighted(program);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="code" aria-label={label} tabIndex={0}>
      <ol>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
          <li key={index}>
            <code>
              {line.map(({ text, kind }, part) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
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
    // The parser comes after the page; the text stands where it stood.
    void import('../highlight/index.ts').then(({ highlightLines }) => {
      if (isWanted) setHighlighted({ program, lines: highlightLines(program.replace(/\n+$/, '')) });
    });
    return () => {
      isWanted = false;
    };
  }, [program]);
  return highlighted?.program === program ? highlighted.lines : plain;
}
