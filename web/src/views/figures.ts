/** Draws the tables of a page that say how: above the table, which stays, folded, for whoever prefers it. */
import { html } from "../elements";
import { KINDS, say, type Messages } from "./drawing";
import { readTable, type Row } from "./rows";

/** Sees to every figure of the page; each is drawn when it comes near the window. */
export function drawFigures(root: ParentNode): void {
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        void drawFigure(entry.target as HTMLElement);
      }
    },
    { rootMargin: "300px" },
  );
  for (const figure of root.querySelectorAll<HTMLElement>("figure[data-view]")) near.observe(figure);
}

async function drawFigure(figure: HTMLElement): Promise<void> {
  const kind = KINDS[figure.dataset["view"] ?? ""];
  const table = figure.querySelector("table");
  if (!kind || !table) return;
  const messages = JSON.parse(figure.dataset["messages"] ?? "{}") as Messages;
  const rows = readTable(table);
  const lines = new Map<Row, HTMLTableRowElement>();
  [...table.tBodies].flatMap((body) => [...body.rows]).forEach((tr, index) => {
    const row = rows[index];
    if (row) lines.set(row, tr);
  });
  const caption = figure.querySelector("figcaption")?.firstChild?.textContent?.trim() ?? "";
  const { draw } = await kind.load();

  const place = html("div", { class: "drawing" });
  const whole = table.closest(".scroll") ?? table;
  const details = html("details", { class: "as-table" }, html("summary", {}, say(messages, "table")));
  whole.replaceWith(place, details);
  details.append(whole);
  const onFilter = (shown: ReadonlySet<Row>): void => lines.forEach((tr, row) => (tr.hidden = !shown.has(row)));
  const drawn = draw({ place, rows, caption, messages, onFilter });
  if (!drawn) {
    place.remove();
    details.replaceWith(whole);
  }
  figure.dataset["drawn"] = String(drawn);
}
