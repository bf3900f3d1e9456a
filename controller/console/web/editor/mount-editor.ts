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
import type { CompletionsJson, DiagnosticJson } from '../api/index.ts';
import { completionsFrom } from './completions.ts';
import { EDITOR_THEME } from './editor-theme.ts';

/** A source location in a program; line and column count from 1. */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
}

/** An error or warning that the editor marks. */
export type EditorDiagnostic = Pick<DiagnosticJson, 'severity' | 'line' | 'column' | 'endColumn' | 'message'>;

/** Content and callbacks of an editor. */
export interface EditorOptions {
  /** The program at first. From then on the editor holds the program, and calls `onChange`. */
  readonly program: string;
  readonly label: string;
  readonly onChange: (program: string) => void;
  /** Completion candidates at a source offset, in UTF-16 code units. */
  readonly complete: (program: string, offset: number) => Promise<CompletionsJson | undefined>;
}

/** An editor on the page. */
export interface EditorHandle {
  /** Marks these diagnostics and removes all other marks. */
  setDiagnostics(diagnostics: readonly EditorDiagnostic[]): void;
  goTo(location: SourceLocation): void;
  focus(): void;
  remove(): void;
}

/**
 * Puts an editor into `parent`, in a shadow tree of its own. In a shadow tree its styles are constructed
 * style sheets, which the page's content security policy allows; elsewhere they would be elements, which the
 * policy forbids.
 */
export function mountEditor(parent: HTMLElement, options: EditorOptions): EditorHandle {
  const host = parent.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  const view = new EditorView({ root, parent: root as unknown as Element, state: stateOf(options) });
  return {
    setDiagnostics: diagnostics =>
      view.dispatch(
        setDiagnostics(
          view.state,
          diagnostics.map(each => markOf(each, view.state)),
        ),
      ),
    goTo(location) {
      view.dispatch({ selection: { anchor: offsetOf(location, view.state) }, scrollIntoView: true });
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
      // Tab leaves the editor as it leaves any field, so that keyboard users are not trapped in it.
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

function markOf(diagnostic: EditorDiagnostic, state: EditorState): Diagnostic {
  const { severity, line, column, endColumn, message } = diagnostic;
  const from = offsetOf({ line, column }, state);
  const length = /^(\w+|\S)/.exec(state.sliceDoc(from, from + 256))?.[0].length ?? 0;
  const to = endColumn === undefined ? from + length : offsetOf({ line, column: endColumn }, state);
  return { severity, message, from, to: Math.min(Math.max(to, from), state.doc.length) };
}

function offsetOf({ line, column }: SourceLocation, { doc }: EditorState): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(from + Math.max(column - 1, 0), to);
}
