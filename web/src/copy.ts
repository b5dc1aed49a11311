/** A button beside each text to take along that copies it, where the browser lets pages write to the clipboard. */
import { html } from "./elements";

const SAID = 2_000; // milliseconds for which the button says that it has copied

export function offerCopies(root: ParentNode): void {
  if (!("clipboard" in navigator)) return; // in pages that did not come over a secure connection
  for (const fold of root.querySelectorAll<HTMLElement>("[data-copy]")) {
    for (const figure of fold.querySelectorAll("figure.snippet")) {
      const text = figure.querySelector("code")?.textContent ?? "";
      figure.querySelector("figcaption")?.append(copyButton(text, fold.dataset));
    }
  }
}

function copyButton(text: string, messages: DOMStringMap): HTMLButtonElement {
  const { copy = "", copied = "" } = messages;
  const button = html("button", { type: "button", class: "quiet", "aria-live": "polite" }, copy);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = copied;
    setTimeout(() => (button.textContent = copy), SAID);
  });
  return button;
}
