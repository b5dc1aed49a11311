/** The panel of a network: its legend, or what has been pointed at with its ties, their links and the proof of each. */
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";
import type { Edge, Node } from "./graph";
import { proofOf } from "./proof";
import type { Cell, Row } from "./rows";

const MOST_NAMES = 8; // of those that a tie joins
const MOST_TIES = 60; // that are listed
const MOST_PROVED = 3; // ties whose proof is shown at once; of others on demand

/** What the panel tells of. */
export type Subject = Node | Edge;

export function isEdge(subject: Subject): subject is Edge {
  return "source" in subject;
}

export class Details {
  readonly element: HTMLElement;
  private readonly body = html("div", { class: "subject" });
  private shown: readonly [Subject?, boolean?] = [];

  /**
   * @param legend what the panel holds while it tells of nothing
   * @param classes names of classes by their IRIs
   * @param onClose called when the reader closes the panel
   */
  constructor(
    private readonly legend: HTMLElement,
    private readonly messages: Messages,
    private readonly classes: Readonly<Record<string, string>>,
    private readonly onClose: () => void,
  ) {
    this.element = html("div", { class: "details", role: "region", "aria-label": this.message("panel"), tabindex: 0 }, legend, this.body);
    this.body.hidden = true;
  }

  /** Tells of a node or an edge; `isChosen`: whether the reader chose it, rather than just pointed at it. */
  show(subject: Subject, isChosen: boolean): void {
    if (this.shown[0] === subject && this.shown[1] === isChosen) return; // the focus may be in it
    this.shown = [subject, isChosen];
    const tie = isEdge(subject) ? subject.rows[0]["tie"] : subject.isTie ? subject.cell : undefined;
    const content =
      isEdge(subject) ? this.tie(tie, subject.rows[0], joinedBy(subject), isChosen)
      : subject.isTie ? this.tie(tie, firstRow(subject), ends(subject), isChosen)
      : this.end(subject, isChosen);
    const close = html("button", { type: "button", class: "close", title: this.message("close"), "aria-label": this.message("close") }, "×");
    close.addEventListener("click", this.onClose);
    this.body.replaceChildren(close, ...content);
    this.legend.hidden = true;
    this.body.hidden = false;
    this.element.scrollTop = 0;
  }

  /** Moves the focus to the name of what the panel tells of. */
  focus(): void {
    this.body.querySelector<HTMLElement>("h3 a, h3[tabindex]")?.focus({ preventScroll: true });
  }

  /** Shows the legend again. */
  clear(): void {
    this.shown = [];
    this.body.hidden = true;
    this.legend.hidden = false;
  }

  private message(key: string, values?: Record<string, string | number>): string {
    return formatMessage(this.messages, key, values);
  }

  private end(node: Node, isChosen: boolean): HTMLElement[] {
    const items = node.edges.slice(0, MOST_TIES).map((edge, index) => {
      const other = edge.source === node ? edge.target : edge.source;
      const row = edge.rows[0];
      const tie = row["tie"];
      const others = other.isTie ? ends(other).filter((end) => end !== node) : [other];
      const parts = [this.names(others), what(row)];
      if (tie) parts.unshift(html("p", {}, named(tie)));
      return html("li", {}, ...parts, ...(isChosen ? this.proof(tie, index < MOST_PROVED) : []));
    });
    const kind = this.classes[node.cell.class ?? ""];
    return [
      heading(node.cell),
      ...(kind ? [html("p", { class: "soft" }, kind)] : []),
      html("p", { class: "soft" }, this.message("ties", { number: node.edges.length })),
      html("ul", {}, ...items),
    ];
  }

  private tie(tie: Cell | undefined, row: Row, joined: readonly Node[], isChosen: boolean): HTMLElement[] {
    const names = joined.map(({ cell }) => html("li", {}, named(cell)));
    const title: Cell = tie ?? { text: joined.map(({ cell }) => cell.text).join(" – "), value: "" };
    const count = html("p", { class: "soft" }, this.message("members", { number: joined.length }));
    return [heading(title), what(row), ...(isChosen ? this.proof(tie, true) : []), count, html("ul", { class: "plain-list" }, ...names)];
  }

  /** The names of those that a tie joins with the node that the panel tells of. */
  private names(others: readonly Node[]): HTMLElement {
    const shown = others.slice(0, others.length > MOST_NAMES + 1 ? MOST_NAMES : others.length);
    const parts = shown.flatMap(({ cell }, index): (Node | string | HTMLElement)[] => (index > 0 ? [", ", named(cell)] : [named(cell)])) as (string | HTMLElement)[];
    if (shown.length < others.length) parts.push(` ${this.message("others", { number: others.length - shown.length })}`);
    return html("p", {}, ...parts);
  }

  /** What a tie rests on: at once, or behind a button. */
  private proof(tie: Cell | undefined, atOnce: boolean): HTMLElement[] {
    const href = tie?.href;
    if (!href) return [];
    const place = html("div", { class: "proof" });
    const load = (): void => {
      place.replaceChildren();
      void proofOf(href).then(
        (found) => place.append(...found.map(({ text, language, isQuotation }) => html(isQuotation ? "blockquote" : "p", { lang: language || undefined, class: isQuotation ? undefined : "soft" }, text))),
        () => place.append(html("p", { class: "soft" }, this.message("noProof"))),
      );
    };
    if (atOnce) {
      load();
    } else {
      const button = html("button", { type: "button", class: "quiet" }, this.message("proof"));
      button.addEventListener("click", load);
      place.append(button);
    }
    return [place];
  }
}

/** The nodes that a tie joins. */
function ends(tie: Node): Node[] {
  return tie.edges.map(({ source, target }) => (source === tie ? target : source));
}

/** The nodes that the tie joins that an edge stands for, or leads to. */
function joinedBy({ source, target }: Edge): Node[] {
  const tie = [source, target].find(({ isTie }) => isTie);
  return tie ? ends(tie) : [source, target];
}

function firstRow({ edges }: Node): Row {
  return edges[0]?.rows[0] ?? {};
}

/** The kind and the year of a row, and what other columns than those of a network say. */
function what(row: Row): HTMLElement {
  const { source: _source, target: _target, tie: _tie, ...more } = row;
  return html("p", { class: "soft" }, Object.values(more).map(({ text }) => text).join(", "));
}

function heading(cell: Cell): HTMLElement {
  const name = named(cell);
  return html("h3", cell.href ? {} : { tabindex: -1 }, name);
}

/** The name of a cell, as a link where it has an address. */
function named({ text, href, language }: Cell): HTMLElement {
  const lang = language || undefined;
  return href ? html("a", { href, lang }, text) : html("span", { lang }, text);
}
