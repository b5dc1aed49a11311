/** Texts and numbers in the language of the page. */

/** Texts in the reader's language by their keys; the server puts them into the page as JSON. */
export type Messages = Readonly<Record<string, string>>;

/** The text of a key with its `{name}` placeholders replaced by values; a key without a text is returned itself. */
export function formatMessage(messages: Messages, key: string, values: Record<string, string | number> = {}): string {
  return (messages[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text of a key for a number; that of one alone has the key with `One`. */
export function formatCounted(messages: Messages, key: string, count: number, values: Record<string, string | number>): string {
  return formatMessage(messages, count === 1 ? `${key}One` : key, values);
}

/** The language tag of the page for Intl; undefined where it has none. */
export function pageLanguage(): string | undefined {
  return document.documentElement.lang || undefined;
}

/** A number as the page's language writes it, with at most six decimal places. */
export function formatNumber(number: number): string {
  return new Intl.NumberFormat(pageLanguage(), { maximumFractionDigits: 6 }).format(number);
}
