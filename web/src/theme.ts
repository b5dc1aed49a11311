/**
 * The theme, light or dark: that of the system, unless the reader chose the other, which is stored in the browser; and
 * that there are scripts, for styles that keep room for what these draw.
 *
 * A script of its own, without imports, that runs before the first paint, so that no page flashes in the other theme.
 */
{
  const KEY = "theme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const isDark = (): boolean => (root.dataset["theme"] ?? (dark.matches ? "dark" : "light")) === "dark";

  const stored = (): string | null => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is disabled
    }
  };

  const keep = (theme: string | null): void => {
    try {
      if (theme === null) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // storage is disabled: the theme lasts as long as the page
    }
  };

  const apply = (theme: string | null): void => {
    if (theme === "light" || theme === "dark") root.dataset["theme"] = theme;
    else delete root.dataset["theme"];
    const button = document.querySelector<HTMLButtonElement>("[data-switch=theme]");
    button?.setAttribute("aria-pressed", String(isDark()));
  };

  root.dataset["scripts"] = "expected";
  addEventListener("load", () => {
    if (root.dataset["scripts"] !== "ready") delete root.dataset["scripts"]; // the other script could not be loaded
  });

  apply(stored());
  dark.addEventListener("change", () => apply(stored()));
  addEventListener("storage", (event) => {
    if (event.key === KEY) apply(event.newValue);
  });
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector<HTMLButtonElement>("[data-switch=theme]");
    if (button === null) return;
    button.hidden = false;
    apply(stored());
    button.addEventListener("click", () => {
      const wanted = isDark() ? "light" : "dark";
      const theme = wanted === (dark.matches ? "dark" : "light") ? null : wanted;
      keep(theme);
      apply(theme);
    });
  });
}
