/** A map of the world without tiles: outlines of countries, and a mark for each row with `lat` and `long`. */
import { geoEqualEarth, geoGraticule10, geoPath, type GeoProjection } from "d3-geo";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { html, svg } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { labelLayer, mark, onWidth, setSize, takeFirst, textLines, type DrawChart } from "./chart";
import { overlap, shorten, textWidth, type Box } from "./labels";
import type { Cell } from "./rows";
import { Viewport, type Transform } from "./viewport";

type Atlas = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

const MAX_PLACES = 3000;
const MAX_ZOOM = 64;
const MAX_FIRST_ZOOM = 5; // of the first view, when all places lie close together
const FINE = 6; // the zoom from which the outlines of higher resolution are loaded
const CLUSTER = 26; // pixels; places closer than this share one mark
const SIZE = 12; // of the font, in pixels
const MAX_LABEL = 190; // pixels of one name
const MOST_NAMES = 4; // beside the mark of several places
/** Where a label lies: its anchor, and its place from the middle of the mark. */
const SIDES = [["start", 13, 4], ["end", -13, 4], ["middle", 0, 24], ["middle", 0, -15]] as const;
const SPHERE = { type: "Sphere" } as const;

interface Place {
  readonly item: Cell;
  readonly at: readonly [number, number];
}

/** A mark in pixels of the chart, for one place or for several that lie close together. */
interface Cluster {
  readonly places: Place[];
  readonly x: number;
  readonly y: number;
}

export const draw: DrawChart = (input) => {
  const places = input.rows.flatMap(({ item, lat, long }): Place[] => {
    const at = [Number(long?.value), Number(lat?.value)] as const;
    const isPoint = lat && long && Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90;
    return item && isPoint ? [{ item, at }] : [];
  });
  if (places.length === 0) return false;
  const map = new WorldMap(places.slice(0, MAX_PLACES), input.caption, input.messages);
  input.place.dataset["kind"] = "map";
  input.place.replaceChildren(map.picture, map.foot);
  takeFirst(places, MAX_PLACES, input);
  onWidth(map.picture, () => map.fit());
  return true;
};

class WorldMap {
  readonly picture = html("div", { class: "picture" });
  readonly foot = html("div", { class: "foot" });
  private readonly surface = svg("svg", { class: "map", role: "group", tabindex: 0, "data-outlines": "" });
  private readonly land = svg("path", { class: "land" });
  private readonly borders = svg("path", { class: "borders" });
  private readonly graticule = svg("path", { class: "graticule" });
  private readonly world = svg("g", {}, this.graticule, this.land, this.borders);
  private readonly marks = svg("g");
  private readonly projection = geoEqualEarth();
  private readonly viewport: Viewport;
  private atlas: Atlas | undefined;
  private isFine = false;

  constructor(
    private readonly places: readonly Place[],
    caption: string,
    messages: Messages,
  ) {
    this.surface.setAttribute("aria-label", `${caption}. ${formatMessage(messages, "keysMap")}`);
    this.surface.append(this.world, this.marks);
    this.viewport = new Viewport(this.surface, MAX_ZOOM, messages, (transform) => this.show(transform));
    this.picture.append(this.surface);
    this.foot.append(this.viewport.buttons, html("p", { class: "note" }, formatMessage(messages, "outlines")));
    void import("world-atlas/countries-110m.json").then(({ default: atlas }) => {
      this.atlas ??= atlas as unknown as Atlas;
      this.drawWorld();
    });
  }

  /** Draws the map in the size that the picture has now, zoomed so that all places are in view. */
  fit(): void {
    const { clientWidth: width, clientHeight: height } = this.picture;
    setSize(this.surface, width, height);
    this.projection.fitExtent([[4, 4], [width - 4, height - 4]], SPHERE);
    this.drawWorld();
    this.viewport.resize(width, height, transformAround(this.places, this.projection, width, height));
  }

  private drawWorld(): void {
    const path = geoPath(this.projection);
    this.graticule.setAttribute("d", path(geoGraticule10()) ?? "");
    if (!this.atlas) return;
    const { countries, land } = this.atlas.objects;
    this.land.setAttribute("d", path(feature(this.atlas, land)) ?? "");
    this.borders.setAttribute("d", path(mesh(this.atlas, countries, (a, b) => a !== b)) ?? "");
  }

  private show(transform: Transform): void {
    this.world.setAttribute("transform", `translate(${transform.x},${transform.y}) scale(${transform.k})`);
    const focused = this.marks.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : undefined;
    this.marks.replaceChildren(...this.marksAt(transform));
    if (focused) [...this.marks.querySelectorAll<SVGElement>("[aria-label]")].find((mark) => mark.getAttribute("aria-label") === focused)?.focus();
    if (transform.k >= FINE && !this.isFine) {
      this.isFine = true;
      void import("world-atlas/countries-50m.json").then(({ default: atlas }) => {
        this.atlas = atlas as unknown as Atlas;
        this.drawWorld();
      });
    }
  }

  private marksAt({ x: left, y: top, k }: Transform): SVGElement[] {
    const clusters: Cluster[] = [];
    for (const place of this.places) {
      const [px, py] = this.projection([...place.at]) ?? [NaN, NaN];
      const [x, y] = [px * k + left, py * k + top];
      const near = clusters.find((other) => Math.hypot(other.x - x, other.y - y) < CLUSTER);
      if (near) near.places.push(place);
      else clusters.push({ places: [place], x, y });
    }
    const { width, height } = this.viewport;
    const visible = clusters.filter(({ x, y }) => x > -CLUSTER && y > -CLUSTER && x < width + CLUSTER && y < height + CLUSTER);
    const taken = visible.map(({ x, y }) => ({ x: x - 11, y: y - 11, width: 22, height: 22 }));
    const labels = visible.flatMap((cluster) => labelsOf(cluster, taken, width, height));
    return [...visible.map((cluster) => this.drawCluster(cluster)), labelLayer(...labels)];
  }

  private drawCluster({ places, x, y }: Cluster): SVGElement {
    const names = [...new Set(places.map(({ item }) => item.text))];
    const links = new Set(places.map(({ item }) => item.href));
    const name = names.length > 1 ? `${names.length}: ${names.join(", ")}` : names.join();
    const parts = [
      svg("circle", { class: "hit", cx: x, cy: y, r: 12 }),
      svg("circle", { class: "mark", cx: x, cy: y, r: names.length > 1 ? 10 : 6 }),
    ];
    const href = places[0]?.item.href;
    if (links.size === 1 && href) return mark(href, name, ...parts);
    const group = svg("g", { role: "button", tabindex: 0, "aria-label": name }, svg("title", {}, name), ...parts);
    const zoomIn = (): void => this.viewport.zoom(2.5, [x, y]);
    group.addEventListener("click", zoomIn);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      zoomIn();
    });
    return group;
  }
}

/**
 * The texts of a mark: the number of its places, and as many of their names as fit without lying on one of the boxes of
 * `taken`, to which that of the names is added; the first rows are named first.
 */
function labelsOf({ places, x, y }: Cluster, taken: Box[], width: number, height: number): SVGTextElement[] {
  const names = [...new Set(places.map(({ item }) => item.text))];
  const number = names.length > 1 ? [textLines([String(names.length)], x, y + 4, 0, { class: "number", "text-anchor": "middle" })] : [];
  for (let count = Math.min(names.length, MOST_NAMES); count > 0; count -= 1) {
    const shown = names.slice(0, count).map((name) => shorten(name, MAX_LABEL, SIZE)).join(", ");
    const text = names.length > count ? `${shown} +${names.length - count}` : shown;
    const length = textWidth(text, SIZE);
    for (const [anchor, dx, dy] of SIDES) {
      const left = anchor === "start" ? x + dx : anchor === "end" ? x + dx - length : x - length / 2;
      const box = { x: left, y: y + dy - 12, width: length, height: 16 };
      const isInside = left >= 2 && left + length <= width - 2 && box.y >= 0 && box.y + box.height <= height;
      if (!isInside || taken.some((other) => overlap(other, box))) continue;
      taken.push(box);
      return [...number, textLines([text], x + dx, y + dy, 0, { class: "label", "text-anchor": anchor })];
    }
  }
  return number;
}

/** The transform that brings all places into view, with a margin. */
function transformAround(places: readonly Place[], projection: GeoProjection, width: number, height: number): Transform {
  const points = places.map(({ at }) => projection([...at]) ?? ([0, 0] as [number, number]));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const k = Math.max(1, Math.min(MAX_FIRST_ZOOM, (width * 0.8) / (right - left || 1), (height * 0.8) / (bottom - top || 1)));
  return { k, x: width / 2 - (k * (left + right)) / 2, y: height / 2 - (k * (top + bottom)) / 2 };
}
