/** Charts of a page: each `figure[data-chart]` has a table, which is drawn as the kind of chart that it names. */
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { KINDS } from "./kinds";
import { readTable } from "./rows";

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
    { rootMargin: "300px" },
  );
  for (const figure of root.querySelectorAll<HTMLElement>("figure[data-chart]")) observer.observe(figure);
}

/** Draws one figure; `data-drawn` is then true, or false where its table has nothing to draw and stays as it was. */
async function drawFigure(figure: HTMLElement): Promise<void> {
  const load = KINDS[figure.dataset["chart"] ?? ""];
  const table = figure.querySelector("table");
  if (!load || !table) return;
  const messages = JSON.parse(figure.dataset["messages"] ?? "{}") as Messages;
  const elements = readTable(table);
  const caption = figure.querySelector("figcaption")?.firstChild?.textContent?.trim() ?? "";
  const { draw } = await load();

  const place = html("div", { class: "chart" });
  const region = table.closest(".scroll") ?? table;
  const details = html("details", { class: "as-table" }, html("summary", {}, formatMessage(messages, "table")));
  region.replaceWith(place, details);
  details.append(region);
  const drawn = draw({
    place,
    rows: [...elements.keys()],
    caption,
    messages,
    isDirected: "directed" in figure.dataset,
    onFilter: (rows) => elements.forEach((tr, row) => (tr.hidden = !rows.has(row))),
  });
  if (!drawn) {
    place.remove();
    details.replaceWith(region);
  }
  figure.dataset["drawn"] = String(drawn);
}
