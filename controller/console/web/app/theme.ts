/** What the page looks like; `auto` is as the system has it. */
export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'farcall-theme';

/** What was chosen here. */
export function chosenTheme(): Theme {
  const theme = localStorage.getItem(KEY);
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** Puts a choice, or what was chosen before, on the page. */
export function applyTheme(theme: Theme = chosenTheme()): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset['theme'] = theme;
}
