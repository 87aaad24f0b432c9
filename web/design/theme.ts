/** Light, dark, or as the device has it. A taste, not a reading: it lies in plain local storage. */
import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";
const name = "singlet-theme";
const listeners = new Set<() => void>();

const read = (): Theme => {
  const said = localStorage.getItem(name);
  return said === "light" || said === "dark" ? said : "auto";
};

function show(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export const openTheme = (): void => show(read());

export function chooseTheme(theme: Theme): void {
  if (theme === "auto") localStorage.removeItem(name);
  else localStorage.setItem(name, theme);
  show(theme);
  for (const listener of listeners) listener();
}

export const useTheme = (): Theme =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);
