/** The rows that charts are drawn from. */

/**
 * A cell of a table: its text and the language of it, the value that the text stands for, the address of its link, and
 * the IRI of the class of the resource.
 */
export interface Cell {
  readonly text: string;
  readonly value: string;
  readonly language?: string;
  readonly href?: string;
  readonly class?: string;
}

/** Cells by the names of their columns; an empty cell is left out. */
export type Row = Readonly<Record<string, Cell>>;

/** The rows of a table with the elements that they were read from; its headings name the columns by `data-column`. */
export function readTable(table: HTMLTableElement): Map<Row, HTMLTableRowElement> {
  const columns = [...table.querySelectorAll<HTMLElement>("thead [data-column]")].map((th) => th.dataset["column"] ?? "");
  return new Map([...table.tBodies].flatMap((body) => [...body.rows]).map((tr) => [readRow(tr, columns), tr]));
}

function readRow(tr: HTMLTableRowElement, columns: readonly string[]): Row {
  const row: Record<string, Cell> = {};
  columns.forEach((column, index) => {
    const td = tr.cells[index];
    const text = td?.textContent?.trim() ?? "";
    if (!td || (!text && !td.dataset["value"])) return;
    const href = td.querySelector("a")?.getAttribute("href");
    const language = td.querySelector("[lang]")?.getAttribute("lang");
    row[column] = {
      text,
      value: td.dataset["value"] ?? text,
      ...(href ? { href } : {}),
      ...(language ? { language } : {}),
      ...(td.dataset["class"] ? { class: td.dataset["class"] } : {}),
    };
  });
  return row;
}
