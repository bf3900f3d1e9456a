import { type ReactElement, useState } from 'react';
import { Icon } from '../ui/index.ts';
import { applyTheme, chosenTheme, type Theme } from './theme.ts';

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

/** Switches between the system's theme, light, and dark. */
export function ThemeSwitch(): ReactElement {
  const [theme, setTheme] = useState(chosenTheme);
  const change = (): void => {
    applyTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return (
    <button
      type="button"
      className="button ghost icon-only"
      aria-label={`Colours: ${theme === 'auto' ? 'as the system' : theme}. Change`}
      title={`Colours: ${theme === 'auto' ? 'as the system' : theme}`}
      onClick={change}
    >
      <Icon name={ICONS[theme]} />
    </button>
  );
}
