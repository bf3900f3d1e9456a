export { type EditorHandle, type EditorOptions, mountEditor, type Problem } from './mount-editor.ts';
