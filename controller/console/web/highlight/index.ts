import { cppLanguage } from '@codemirror/lang-cpp';
import { classHighlighter, highlightCode } from '@lezer/highlight';

/** A piece of a line, with the CSS classes that colour it. */
export interface CodeSpan {
  readonly text: string;
  readonly kind: string;
}

/** The lines of a program, in coloured pieces. Joined, they are the program, character for character. */
export function highlightLines(program: string): CodeSpan[][] {
  const lines: CodeSpan[][] = [[]];
  highlightCode(
    program,
    cppLanguage.parser.parse(program),
    classHighlighter,
    (text, kind) => lines.at(-1)!.push({ text, kind }),
    () => lines.push([]),
  );
  return lines;
}
