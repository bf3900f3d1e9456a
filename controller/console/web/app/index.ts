export { App } from './app.tsx';
export { applyTheme } from './theme.ts';
