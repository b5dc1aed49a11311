/** Sorting of the tables of charts by their headings. */
import { html } from "../elements";
import { pageLanguage } from "../messages";

/** Puts a button into each heading of the table, which sorts its rows by that column: upwards, then downwards. */
export function makeSortable(table: HTMLTableElement): void {
  const collator = new Intl.Collator(pageLanguage(), { numeric: true });
  const [body] = table.tBodies;
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  if (!body || body.rows.length < 2) return;
  heads.forEach((head, column) => {
    const button = html("button", { type: "button", class: "sort" }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const keyed = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
      keyed.sort((a, b) => (!a.key || !b.key ? Number(!a.key) - Number(!b.key) : sign * compare(a.key, b.key, collator))); // what is empty comes last
      body.append(...keyed.map(({ row }) => row));
    });
  });
}

/** What a cell is sorted by: the value of a number, else the text. */
function keyOf(cell: HTMLTableCellElement | undefined): string {
  const value = cell?.dataset["value"];
  const text = cell?.textContent?.trim() ?? "";
  return value !== undefined && Number.isFinite(Number(value)) ? value : text;
}

function compare(a: string, b: string, collator: Intl.Collator): number {
  const difference = Number(a) - Number(b);
  return Number.isFinite(difference) ? difference : collator.compare(a, b);
}
