// Sets the theme before the first paint: the one chosen here before, else the system's. See shared/src/theme.ts.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => {
    try {
      return localStorage.getItem('gridtally.theme');
    } catch {
      return null; // Storage may be blocked.
    }
  };
  const apply = () => {
    const theme = chosen();
    document.documentElement.dataset.theme = theme === 'light' || theme === 'dark' ? theme : dark.matches ? 'dark' : 'light';
    dispatchEvent(new Event('themechange'));
  };
  dark.addEventListener('change', apply);
  apply();
})();
