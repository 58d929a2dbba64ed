import { useEffect, useState } from 'preact/hooks';

export type Theme = 'light' | 'dark';

const key = 'gridtally.theme';

/** The theme in force. `public/theme.js` sets it before the first paint and follows the system until the user has chosen. */
export function currentTheme(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light';
}

/** The theme, and how to switch to the other one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => onThemeChange(() => setTheme(currentTheme())), []);
  return [theme, () => choose(theme === 'dark' ? 'light' : 'dark')];
}

/** Calls back whenever the theme changes; the answer ends it. */
export function onThemeChange(action: () => void): () => void {
  addEventListener('themechange', action);
  return () => removeEventListener('themechange', action);
}

function choose(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Storage may be blocked; the choice then lasts until the page is closed.
  }
  dispatchEvent(new Event('themechange'));
}
