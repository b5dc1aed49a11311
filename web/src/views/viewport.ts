/** Moving and zooming a drawing: by pointer, fingers, wheel with Ctrl, keys and buttons. */
import { html } from "../elements";
import { say, type Messages } from "./drawing";

/** What is seen: a point of the drawing is shown at `k * point + (x, y)`. */
export interface Sight {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

const WHOLE: Sight = { x: 0, y: 0, k: 1 };
const STEP = 1.6;

export class Viewport {
  sight = WHOLE;
  width = 0;
  height = 0;
  readonly buttons: HTMLElement;
  private readonly fingers = new Map<number, { x: number; y: number }>();

  /**
   * @param surface what is shown, in units of its viewBox
   * @param most the greatest zoom
   * @param show called with what is to be seen
   */
  constructor(
    private readonly surface: SVGSVGElement,
    private readonly most: number,
    messages: Messages,
    private readonly show: (sight: Sight) => void,
  ) {
    const button = (sign: string, key: string, press: () => void): HTMLButtonElement => {
      const made = html("button", { type: "button", title: say(messages, key), "aria-label": say(messages, key) }, sign);
      made.addEventListener("click", press);
      return made;
    };
    this.buttons = html(
      "div",
      { class: "zoom" },
      button("+", "zoomIn", () => this.zoom(STEP)),
      button("−", "zoomOut", () => this.zoom(1 / STEP)),
      button("⤢", "whole", () => this.look(WHOLE)),
    );
    surface.addEventListener("keydown", (event) => this.onKey(event));
    surface.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    surface.addEventListener("pointerdown", (event) => this.onDown(event));
    surface.addEventListener("pointermove", (event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      surface.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    }
  }

  /** Sets the size of the viewBox, and shows the whole. */
  resize(width: number, height: number): void {
    [this.width, this.height] = [width, height];
    this.look(WHOLE);
  }

  /** Zooms about a point of the viewBox, its middle by default. */
  zoom(factor: number, about: readonly [number, number] = [this.width / 2, this.height / 2]): void {
    const k = Math.min(this.most, Math.max(1, this.sight.k * factor));
    const by = k / this.sight.k;
    this.look({ k, x: about[0] - (about[0] - this.sight.x) * by, y: about[1] - (about[1] - this.sight.y) * by });
  }

  /** Shows what is asked for, as far as it lies on the drawing. */
  look(sight: Sight): void {
    const within = (value: number, length: number): number => Math.min(0, Math.max(length * (1 - sight.k), value));
    this.sight = { k: sight.k, x: within(sight.x, this.width), y: within(sight.y, this.height) };
    this.show(this.sight);
  }

  /** A point of the screen in units of the viewBox. */
  at(event: { clientX: number; clientY: number }): [number, number] {
    const box = this.surface.getBoundingClientRect();
    const scale = this.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  private move(x: number, y: number): void {
    this.look({ ...this.sight, x: this.sight.x + x, y: this.sight.y + y });
  }

  private onKey(event: KeyboardEvent): void {
    const step = this.width / 12;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.move(step, 0),
      ArrowRight: () => this.move(-step, 0),
      ArrowUp: () => this.move(0, step),
      ArrowDown: () => this.move(0, -step),
      "+": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      "0": () => this.look(WHOLE),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** The wheel alone scrolls the page; with Ctrl, and by the fingers on a trackpad, it zooms. */
  private onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(2 ** (-event.deltaY / 200), this.at(event));
  }

  private onDown(event: PointerEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    const [x, y] = this.at(event);
    this.fingers.set(event.pointerId, { x, y });
  }

  /** A mouse moves the drawing; one finger scrolls the page, two move and zoom the drawing. */
  private onMove(event: PointerEvent): void {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    if (event.buttons === 0) {
      this.fingers.delete(event.pointerId);
      return;
    }
    const [x, y] = this.at(event);
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, { x, y });
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      this.zoom(Math.hypot(x - other.x, y - other.y) / Math.max(was, 1), [other.x, other.y]);
    } else if (event.pointerType === "mouse") {
      this.move(x - before.x, y - before.y);
    }
  }
}
