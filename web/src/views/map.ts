/** A map without tiles: the countries' outlines, and a mark for each row with `lat` and `long`. */
import { geoEqualEarth, geoGraticule10, geoPath, type GeoProjection } from "d3-geo";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { html, svg } from "../elements";
import { overlap, type Box } from "./boxes";
import { fitting, onWidth, say, width as widthOf, type Draw, type Messages } from "./drawing";
import type { Cell } from "./rows";
import { Viewport, type Sight } from "./viewport";

type Atlas = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

const PLACES = 3000; // the table has the rest
const MOST = 64; // times
const FIRST = 5; // times, at most, where the places lie close together
const FINE = 6; // times: from here on the finer outlines are fetched
const NEAR = 26; // pixels; marks that are nearer than this become one
const SIZE = 12;
const LABEL = 190; // pixels of a label, at most
const SPHERE = { type: "Sphere" } as const;

interface Place {
  readonly item: Cell;
  readonly at: readonly [number, number];
}

interface Mark {
  readonly places: Place[];
  readonly x: number;
  readonly y: number;
}

export const draw: Draw = ({ place, rows, caption, messages }) => {
  const places = rows.flatMap(({ item, lat, long }): Place[] => {
    const at = [Number(long?.value), Number(lat?.value)] as const;
    const isPoint = lat && long && Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90;
    return item && isPoint ? [{ item, at }] : [];
  });
  if (places.length === 0) return false;
  const drawing = new WorldMap(places.slice(0, PLACES), caption, messages);
  place.append(drawing.surface, drawing.controls);
  if (places.length > PLACES) place.append(say(messages, "more", { number: places.length - PLACES }));
  onWidth(place, (width) => drawing.fit(width));
  return true;
};

class WorldMap {
  readonly surface = svg("svg", { class: "map", role: "group", tabindex: 0 });
  readonly controls = html("div", { class: "controls" });
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
    this.surface.setAttribute("aria-label", `${caption}. ${say(messages, "keysMap")}`);
    this.surface.append(this.world, this.marks);
    this.viewport = new Viewport(this.surface, MOST, messages, (sight) => this.show(sight));
    this.controls.append(this.viewport.buttons);
    void import("world-atlas/countries-110m.json").then(({ default: atlas }) => {
      this.atlas ??= atlas as unknown as Atlas;
      this.drawWorld();
    });
  }

  /** Draws anew for a width in pixels; what is seen at first holds every place. */
  fit(width: number): void {
    const height = Math.round(Math.max(220, Math.min(width * 0.5, 460)));
    this.surface.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.surface.setAttribute("height", String(height));
    this.projection.fitExtent([[4, 4], [width - 4, height - 4]], SPHERE);
    this.drawWorld();
    this.viewport.resize(width, height);
    this.viewport.look(around(this.places, this.projection, width, height));
  }

  private drawWorld(): void {
    const path = geoPath(this.projection);
    this.graticule.setAttribute("d", path(geoGraticule10()) ?? "");
    if (!this.atlas) return;
    const { countries, land } = this.atlas.objects;
    this.land.setAttribute("d", path(feature(this.atlas, land)) ?? "");
    this.borders.setAttribute("d", path(mesh(this.atlas, countries, (a, b) => a !== b)) ?? "");
  }

  private show(sight: Sight): void {
    this.world.setAttribute("transform", `translate(${sight.x},${sight.y}) scale(${sight.k})`);
    const held = this.marks.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : undefined;
    this.marks.replaceChildren(...this.marksAt(sight));
    if (held) [...this.marks.querySelectorAll<SVGElement>("[aria-label]")].find((one) => one.getAttribute("aria-label") === held)?.focus();
    if (sight.k >= FINE && !this.isFine) {
      this.isFine = true;
      void import("world-atlas/countries-50m.json").then(({ default: atlas }) => {
        this.atlas = atlas as unknown as Atlas;
        this.drawWorld();
      });
    }
  }

  private marksAt(sight: Sight): SVGElement[] {
    const marks: Mark[] = [];
    for (const place of this.places) {
      const [px, py] = this.projection([...place.at]) ?? [NaN, NaN];
      const [x, y] = [px * sight.k + sight.x, py * sight.k + sight.y];
      const near = marks.find((mark) => Math.hypot(mark.x - x, mark.y - y) < NEAR);
      if (near) near.places.push(place);
      else marks.push({ places: [place], x, y });
    }
    const { width, height } = this.viewport;
    const seen = marks.filter(({ x, y }) => x > -NEAR && y > -NEAR && x < width + NEAR && y < height + NEAR);
    const taken = seen.map(({ x, y }) => ({ x: x - 12, y: y - 12, width: 24, height: 24 }));
    return seen.map((mark) => this.drawMark(mark, labelOf(mark, taken, width)));
  }

  private drawMark({ places, x, y }: Mark, label: string): SVGElement {
    const names = [...new Set(places.map(({ item }) => item.text))];
    const links = new Set(places.map(({ item }) => item.href));
    const name = names.length > 1 ? `${names.length}: ${names.join(", ")}` : names.join();
    const parts = [
      svg("title", {}, name),
      svg("circle", { class: "hit", cx: x, cy: y, r: 12 }),
      svg("circle", { class: "mark", cx: x, cy: y, r: names.length > 1 ? 10 : 6 }),
      names.length > 1
        ? svg("text", { class: "number", x, y: y + 4, "text-anchor": "middle" }, String(names.length))
        : svg("text", { class: "label", x: x + 10, y: y + 4 }, label),
    ];
    const href = places[0]?.item.href;
    if (links.size === 1 && href) return svg("a", { href, "aria-label": name }, ...parts);
    const group = svg("g", { role: "button", tabindex: 0, "aria-label": name }, ...parts);
    const closer = (): void => this.viewport.zoom(2.5, [x, y]);
    group.addEventListener("click", closer);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      closer();
    });
    return group;
  }
}

/** The label of a mark where it has room; the list of what is taken grows by it. */
function labelOf({ places, x, y }: Mark, taken: Box[], width: number): string {
  const label = fitting(places[0]?.item.text ?? "", LABEL, SIZE);
  const box = { x: x + 10, y: y - 8, width: widthOf(label, SIZE), height: 16 };
  const mark = taken.find((other) => other.x === x - 12 && other.y === y - 12);
  const isFree = box.x + box.width < width && !taken.some((other) => other !== mark && overlap(other, box));
  if (!isFree) return "";
  taken.push(box);
  return label;
}

/** The sight that holds all places, with room around them. */
function around(places: readonly Place[], projection: GeoProjection, width: number, height: number): Sight {
  const points = places.map(({ at }) => projection([...at]) ?? ([0, 0] as [number, number]));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const k = Math.max(1, Math.min(FIRST, (width * 0.8) / (right - left || 1), (height * 0.8) / (bottom - top || 1)));
  return { k, x: width / 2 - (k * (left + right)) / 2, y: height / 2 - (k * (top + bottom)) / 2 };
}
