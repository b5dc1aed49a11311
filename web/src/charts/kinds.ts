/** The kinds of chart, as saved queries name them after `# view:`. */
import type { DrawChart } from "./chart";

/** By its name, how the module of a kind is loaded; a page loads only those that it shows. */
export const KINDS: Readonly<Record<string, () => Promise<{ draw: DrawChart }>>> = {
  network: () => import("./network"),
  timeline: () => import("./timeline"),
  map: () => import("./map"),
  chart: () => import("./bars"),
};
