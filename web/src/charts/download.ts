/** Buttons that save a chart as a picture. The module that makes the picture is fetched when one is pressed. */
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";
import type { Source } from "./source";

const FORMATS = ["svg", "png"] as const;

/** Adds the buttons below the chart in an element. */
export function addDownloads(place: HTMLElement, caption: string, source: Source, messages: Messages): void {
  const foot = place.querySelector(".foot") ?? html("div", { class: "foot" });
  place.append(foot);
  foot.append(downloadButtons(place, caption, source, messages));
}

function downloadButtons(place: HTMLElement, caption: string, source: Source, messages: Messages): HTMLElement {
  const buttons = FORMATS.map((format) => {
    const button = html("button", { type: "button", class: "quiet", "data-format": format }, format.toUpperCase());
    button.addEventListener("click", () => void save(format));
    return button;
  });
  const save = async (format: (typeof FORMATS)[number]): Promise<void> => {
    const { picture, toPng, toSvg } = await import("./export");
    const drawing = picture(place, caption, source, messages);
    const blob = format === "svg" ? toSvg(drawing) : await toPng(drawing, source);
    const address = URL.createObjectURL(blob);
    html("a", { href: address, download: `${fileName(caption)}-${source.release.slice(0, 8)}.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000); // Safari reads it only later
  };
  return html("p", { class: "download" }, `${formatMessage(messages, "download")} `, ...buttons);
}

function fileName(caption: string): string {
  return caption.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "chart";
}
