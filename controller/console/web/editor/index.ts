export { type EditorHandle, type EditorOptions, mountEditor, type SourceLocation } from './mount-editor.ts';
