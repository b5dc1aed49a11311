/**
 * Suggestions while a name is typed: the fields of search forms, and those that want a resource, become comboboxes.
 *
 * The ARIA pattern "editable combobox with list autocomplete" (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/):
 * arrow keys move through the list while the focus stays in the field, Enter takes the active option or else submits the
 * form, Escape closes the list.
 */
import { html } from "./elements";
import { search, type SearchResult } from "./search";

const PAUSE = 120; // milliseconds without a key before the server is asked
const MAX_SUGGESTIONS = 8;

/** Adds suggestions to every search form of the page. */
export function suggestInSearchForms(root: ParentNode): void {
  root.querySelectorAll<HTMLFormElement>("form[role=search]").forEach((form, index) => {
    const field = form.querySelector<HTMLInputElement>("input[type=search][name=q]");
    if (!field) return;
    const box = new Combobox(field, `suggestions-${index}`, () => addressOf(form, field), ({ href }) => location.assign(href));
    form.addEventListener("change", (event) => {
      if (event.target !== field) box.forget(); // its suggestions were for another class
    });
  });
}

/** The address of the results of a search form, but for what is typed. */
function addressOf(form: HTMLFormElement, field: HTMLInputElement): URL {
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value && name !== field.name) address.searchParams.set(name, value);
  }
  return address;
}

/** A field with a list of the resources that have a name like what is typed. */
export class Combobox {
  private readonly list: HTMLUListElement;
  private readonly status = html("p", { class: "visually-hidden", role: "status" });
  private readonly answers = new Map<string, Promise<SearchResult[]>>();
  private suggestions: SearchResult[] = [];
  private active = -1;
  private requests = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** address: of the search, without a text. choose: called with the suggestion that is taken. */
  constructor(
    private readonly field: HTMLInputElement,
    private readonly id: string,
    private readonly address: () => URL,
    private readonly choose: (suggestion: SearchResult) => void,
  ) {
    const name = field.getAttribute("aria-label") ?? field.labels?.[0]?.textContent ?? "";
    this.list = html("ul", { class: "suggestions", role: "listbox", id, "aria-label": name, hidden: true });
    for (const [attribute, value] of Object.entries({
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
    })) {
      field.setAttribute(attribute, value);
    }
    const box = html("div", { class: "suggesting" });
    field.replaceWith(box);
    box.append(field, this.list, this.status);
    field.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) this.schedule(); // an input method has not finished the word
    });
    field.addEventListener("compositionend", () => this.schedule());
    field.addEventListener("keydown", (event) => this.onKey(event));
    field.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", (event) => this.onClick(event));
  }

  /** Has the server asked again for what was suggested. */
  forget(): void {
    this.answers.clear();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.suggest(), PAUSE);
  }

  private async suggest(): Promise<void> {
    const text = this.field.value.trim();
    const number = ++this.requests;
    if (!text) {
      this.close();
      return;
    }
    let answer = this.answers.get(text);
    if (!answer) {
      answer = this.request(text);
      this.answers.set(text, answer);
    }
    try {
      const suggestions = await answer;
      if (number === this.requests && document.activeElement === this.field) this.show(suggestions);
    } catch {
      this.answers.delete(text); // the form can still be submitted
      this.close();
    }
  }

  private async request(text: string): Promise<SearchResult[]> {
    const address = this.address();
    address.searchParams.set("q", text);
    address.searchParams.set("limit", String(MAX_SUGGESTIONS));
    return search(address);
  }

  private show(suggestions: SearchResult[]): void {
    this.suggestions = suggestions;
    this.list.replaceChildren(...suggestions.map((suggestion, index) => this.option(suggestion, index)));
    this.activate(-1);
    const open = suggestions.length > 0;
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    this.status.textContent = (this.field.form?.dataset["suggestions"] ?? "").replace("{number}", String(suggestions.length));
  }

  private option(suggestion: SearchResult, index: number): HTMLLIElement {
    const { label, language, matched, matchedLanguage, classLabel } = suggestion;
    const option = html("li", { role: "option", id: `${this.id}-${index}`, "aria-selected": "false" });
    option.append(html("bdi", { lang: language || undefined }, label));
    // another name is told where the one that is shown does not say why it was found
    const said = label.toLowerCase().includes(this.field.value.trim().toLowerCase());
    if (matched !== label && !said)
      option.append(" ", html("bdi", { class: "also", lang: matchedLanguage || undefined }, matched));
    if (classLabel) option.append(" ", html("span", { class: "kind" }, classLabel));
    return option;
  }

  /** Makes an option of the list the active one; -1 for none. */
  private activate(index: number): void {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = index;
    const option = this.list.children[index];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", option.id);
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  private close(): void {
    clearTimeout(this.timer);
    this.requests += 1;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.status.textContent = "";
    this.activate(-1);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const last = this.suggestions.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) void this.suggest();
      else if (event.key === "ArrowDown") this.activate(this.active < last ? this.active + 1 : -1);
      else this.activate(this.active < 0 ? last : this.active - 1);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.take(this.active);
    }
  }

  private onClick(event: MouseEvent): void {
    const option = (event.target as Element).closest("[role=option]");
    if (option) this.take([...this.list.children].indexOf(option));
  }

  private take(index: number): void {
    const suggestion = this.suggestions[index];
    if (!suggestion) return;
    this.close();
    this.choose(suggestion);
  }
}
