export { renderRows } from './render-rows.ts';
