/** The symbols of nodes: a shape and a colour for each class, so that neither has to be seen to tell them apart. */

const COLOURS = 6; // `--class-1` to `--class-6`
/** The shapes as points on a circle of radius 1 about the origin: x, y, x, y, …; about as large as the circle itself. */
const SHAPES: readonly (readonly number[] | "circle")[] = [
  "circle",
  polygon(4, 45, 1.2),
  polygon(3, -90, 1.4),
  polygon(4, 0, 1.25),
  polygon(6, 0, 1.1),
  polygon(3, 90, 1.4),
  star(5, 1.4, 0.62),
];

function polygon(corners: number, first: number, radius: number): number[] {
  return Array.from({ length: corners }, (_, index) => ((first + (360 / corners) * index) * Math.PI) / 180).flatMap((angle) => [radius * Math.cos(angle), radius * Math.sin(angle)]);
}

function star(points: number, outer: number, inner: number): number[] {
  return Array.from({ length: 2 * points }, (_, index) => ({ angle: (-90 + (180 / points) * index) * (Math.PI / 180), radius: index % 2 ? inner : outer })).flatMap(({ angle, radius }) => [radius * Math.cos(angle), radius * Math.sin(angle)]);
}

/** The CSS class of the colour of a class by its place among the classes; `plain` without a class. */
export function colourOf(place: number): string {
  return place < 0 ? "plain" : `class-${(place % COLOURS) + 1}`;
}

/** The outline of the symbol of a class by its place among the classes; a circle without a class. */
export function outlineOf(place: number, radius: number): string {
  const shape = SHAPES[Math.max(place, 0) % SHAPES.length] ?? "circle";
  if (shape === "circle") return `M${-radius},0A${radius},${radius} 0 1 1 ${radius},0A${radius},${radius} 0 1 1 ${-radius},0Z`;
  const points = [];
  for (let index = 0; index < shape.length; index += 2) points.push(`${((shape[index] ?? 0) * radius).toFixed(2)},${((shape[index + 1] ?? 0) * radius).toFixed(2)}`);
  return `M${points.join("L")}Z`;
}
