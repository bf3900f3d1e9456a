/** Colours of the page; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'farcall-theme';

/** The theme that was chosen in this browser. */
export function chosenTheme(): Theme {
  const theme = localStorage.getItem(KEY);
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** Applies a theme and remembers it; without an argument, the one that was chosen before. */
export function applyTheme(theme: Theme = chosenTheme()): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset['theme'] = theme;
}
