/** Charts of a page: each `figure[data-chart]` has a table, which is drawn as the kind of chart that it names. */
import type { Messages } from "../messages";
import { addDownloads } from "./download";
import { KINDS } from "./kinds";
import { readTable } from "./rows";
import type { Source } from "./source";
import { makeSortable } from "./table";

const AHEAD = "1000px"; // of the window that a chart is drawn, so that it stands when it is scrolled to

/** Draws every chart of the page as soon as it comes near the window; its table is folded below it. */
export function drawCharts(root: ParentNode): void {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        void drawFigure(entry.target as HTMLElement);
      }
    },
    { rootMargin: AHEAD },
  );
  for (const figure of root.querySelectorAll<HTMLElement>("figure[data-chart]")) observer.observe(figure);
}

/** Draws one figure; `data-drawn` is then true, or false where its table cannot be drawn and stays as it was. */
async function drawFigure(figure: HTMLElement): Promise<void> {
  const isDrawn = await drawTable(figure).catch((error: unknown) => {
    console.error(error);
    return false;
  });
  if (!isDrawn) figure.querySelector("div.chart")?.remove();
  figure.dataset["drawn"] = String(isDrawn);
}

async function drawTable(figure: HTMLElement): Promise<boolean> {
  const load = KINDS[figure.dataset["chart"] ?? ""];
  const table = figure.querySelector("table");
  const place = figure.querySelector<HTMLElement>("div.chart");
  const details = figure.querySelector<HTMLDetailsElement>("details.as-table");
  if (!load || !table || !place) return false;
  const messages = JSON.parse(figure.dataset["messages"] ?? "{}") as Messages;
  const source = JSON.parse(figure.dataset["source"] ?? "null") as Source | null;
  const elements = readTable(table);
  const caption = figure.querySelector("figcaption")?.firstChild?.textContent?.trim() ?? "";
  const { draw } = await load();
  const isDrawn = await draw({
    place,
    rows: [...elements.keys()],
    caption,
    messages,
    isDirected: "directed" in figure.dataset,
    classes: JSON.parse(figure.dataset["classes"] ?? "{}") as Record<string, string>,
    filtersIn: document.querySelector("form[data-filters]") ? "query" : "fragment",
    onFilter: (rows) => elements.forEach((tr, row) => (tr.hidden = !rows.has(row))),
  });
  if (!isDrawn) return false;
  if (source) addDownloads(place, caption, source, messages);
  makeSortable(table);
  if (details) details.open = false;
  return true;
}
