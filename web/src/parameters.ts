/** Fields that want a resource: they show its name, and the form sends its IRI. */
import { Combobox } from "./combobox";
import { html } from "./elements";

/** Adds suggestions to every field with `data-suggest`, the address of a search, and `data-value`, the present IRI. */
export function suggestResources(root: ParentNode): void {
  root.querySelectorAll<HTMLInputElement>("input[data-suggest]").forEach((field, index) => {
    const { suggest = "", value = "", base = "" } = field.dataset;
    const sent = html("input", { type: "hidden", name: field.name, value });
    const address = (): URL => new URL(suggest, location.href);
    new Combobox(field, `resources-${index}`, address, ({ iri, label }) => {
      field.value = label;
      sent.value = iri.startsWith(base) ? iri.slice(base.length) : iri;
    });
    field.removeAttribute("name");
    field.after(sent);
    field.addEventListener("input", () => (sent.value = field.value)); // a name, which the server looks up
  });
}
