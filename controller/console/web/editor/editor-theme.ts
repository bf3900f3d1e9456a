import { EditorView } from '@codemirror/view';

/**
 * The editor in the colours of the page, whose custom properties reach into the shadow tree. Diagnostics are
 * marked by text decoration: CodeMirror's own marks are images in data: URLs, which the page's content
 * security policy forbids.
 */
export const EDITOR_THEME = EditorView.theme({
  '&': { fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--surface)', borderRadius: '7px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': {
    fontFamily: 'var(--mono)',
    fontVariantLigatures: 'none',
    lineHeight: '1.65',
    minHeight: '220px',
    maxHeight: '52vh',
  },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 14px 0 8px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': {
    backgroundColor: 'var(--sunken)',
    color: 'var(--muted)',
    border: 'none',
    borderRight: '1px solid var(--line)',
  },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 10px 0 14px', minWidth: '34px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 6%, transparent)' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#c9d9ff, #2c4684)',
  },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--accent-soft)',
    outline: '1px solid var(--accent)',
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    backgroundColor: 'var(--bad-soft)',
    textDecoration: 'underline wavy var(--bad-fill) 1.5px',
    textUnderlineOffset: '4px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--held-fill) 1.5px',
    textUnderlineOffset: '4px',
  },
  '.cm-lintRange-info, .cm-lintRange-hint': { backgroundImage: 'none' },
  '.cm-lintRange-active': { backgroundImage: 'none', backgroundColor: 'var(--held-soft)' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow-high)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    maxHeight: '240px',
    maxWidth: 'min(640px, 92vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px', lineHeight: '1.5' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-fill)', color: '#fff' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { marginLeft: '14px', fontStyle: 'normal', opacity: '0.85' },
  '.cm-diagnostic': {
    padding: '6px 10px',
    fontFamily: 'var(--sans)',
    whiteSpace: 'pre-wrap',
    maxWidth: '520px',
  },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--bad-fill)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--held-fill)' },
  '.tok-keyword': { color: 'light-dark(#8a2a9b, #d8a1ee)' },
  '.tok-typeName, .tok-className': { color: 'light-dark(#0b6472, #7fd3dd)' },
  '.tok-string, .tok-string2': { color: 'light-dark(#1c6b34, #a1d99b)' },
  '.tok-number, .tok-bool, .tok-literal': { color: 'light-dark(#9a4a00, #f2b880)' },
  '.tok-comment': { color: 'var(--muted)', fontStyle: 'italic' },
  '.tok-meta': { color: 'light-dark(#6b4d00, #e2c678)' },
});
