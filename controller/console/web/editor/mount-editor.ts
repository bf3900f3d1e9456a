import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { cppLanguage } from '@codemirror/lang-cpp';
import { bracketMatching, indentUnit, LanguageSupport, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import type { CompletionsJson } from '../api/index.ts';
import { completionsFrom } from './completions.ts';
import { EDITOR_THEME } from './editor-theme.ts';

/** What is wrong at a place; lines and columns count from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly line: number;
  readonly column: number;
  readonly endColumn?: number;
  readonly message: string;
}

/** What an editor is told. */
export interface EditorOptions {
  /** What is in it at first; from then on the editor is where the program is, and tells of changes. */
  readonly program: string;
  readonly label: string;
  readonly onChange: (program: string) => void;
  /** What can stand at an offset in UTF-16 code units. */
  readonly complete: (program: string, offset: number) => Promise<CompletionsJson | undefined>;
}

/** An editor on the page. */
export interface EditorHandle {
  /** Marks these places and no others. */
  setProblems(problems: readonly Problem[]): void;
  goTo(place: { readonly line: number; readonly column: number }): void;
  focus(): void;
  remove(): void;
}

/**
 * Puts an editor into `parent`, in a shadow tree of its own: there its styles are constructed style sheets, which the page's
 * content security policy allows, and not elements, which it does not.
 */
export function mountEditor(parent: HTMLElement, options: EditorOptions): EditorHandle {
  const host = parent.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  const view = new EditorView({ root, parent: root as unknown as Element, state: stateOf(options) });
  return {
    setProblems: problems =>
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.map(problem => diagnosticOf(problem, view.state)),
        ),
      ),
    goTo(place) {
      view.dispatch({ selection: { anchor: offsetOf(place, view.state) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    remove() {
      view.destroy();
      host.remove();
    },
  };
}

function stateOf({ program, label, onChange, complete }: EditorOptions): EditorState {
  return EditorState.create({
    doc: program,
    extensions: [
      lineNumbers(),
      history(),
      drawSelection(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      indentUnit.of('    '),
      new LanguageSupport(cppLanguage),
      syntaxHighlighting(classHighlighter),
      autocompletion({ override: [completionsFrom(complete)], icons: false }),
      // Tab leaves the editor, as any field; who works by keyboard is not caught in it.
      keymap.of([
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...historyKeymap,
        ...completionKeymap,
        ...lintKeymap,
      ]),
      placeholder('_printk("Hello, world %d\\n", 1234)'),
      EditorView.contentAttributes.of({
        'aria-label': label,
        spellcheck: 'false',
        tabindex: '0',
        autocapitalize: 'off',
      }),
      EditorView.updateListener.of(update => update.docChanged && onChange(update.state.doc.toString())),
      EDITOR_THEME,
    ],
  });
}

function diagnosticOf(problem: Problem, state: EditorState): Diagnostic {
  const { severity, line, column, endColumn, message } = problem;
  const from = offsetOf({ line, column }, state);
  const word = /^(\w+|\S)/.exec(state.sliceDoc(from, from + 256))?.[0].length ?? 0;
  const to = endColumn === undefined ? from + word : offsetOf({ line, column: endColumn }, state);
  return { severity, message, from, to: Math.min(Math.max(to, from), state.doc.length) };
}

function offsetOf(
  { line, column }: { readonly line: number; readonly column: number },
  { doc }: EditorState,
): number {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(at.from + Math.max(column - 1, 0), at.to);
}
