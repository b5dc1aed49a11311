/** The rows that a drawing is made of, as a table of the page has them. */

/** A cell: what it shows and in which language, the value it stands for, where it leads. */
export interface Cell {
  readonly text: string;
  readonly value: string;
  readonly language?: string;
  readonly href?: string;
}

/** Cells by the names of their columns; an empty cell is not there. */
export type Row = Readonly<Record<string, Cell>>;

/** Reads a table whose headings say `data-column`. */
export function readTable(table: HTMLTableElement): Row[] {
  const columns = [...table.querySelectorAll<HTMLElement>("thead [data-column]")].map((th) => th.dataset["column"] ?? "");
  return [...table.tBodies].flatMap((body) => [...body.rows]).map((tr) => readRow(tr, columns));
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
    };
  });
  return row;
}
