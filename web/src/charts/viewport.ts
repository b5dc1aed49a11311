/** Panning and zooming of a chart: by mouse, touch, wheel with Ctrl, keys and buttons. */
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";

/** A point p of the chart is shown at `k * p + (x, y)`, in units of the viewBox. */
export interface Transform {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

const IDENTITY: Transform = { x: 0, y: 0, k: 1 };
const STEP = 1.6; // factor of one press of a key or a button

export class Viewport {
  transform = IDENTITY;
  private home = IDENTITY;
  width = 0;
  height = 0;
  readonly buttons: HTMLElement;
  private readonly pointers = new Map<number, { x: number; y: number }>();

  /**
   * @param surface the chart, in units of its viewBox
   * @param maxZoom the greatest `k`; the least is 1
   * @param onChange called with the transform to draw with
   */
  constructor(
    private readonly surface: SVGSVGElement,
    private readonly maxZoom: number,
    messages: Messages,
    private readonly onChange: (transform: Transform) => void,
  ) {
    const button = (sign: string, key: string, press: () => void): HTMLButtonElement => {
      const made = html("button", { type: "button", title: formatMessage(messages, key), "aria-label": formatMessage(messages, key) }, sign);
      made.addEventListener("click", press);
      return made;
    };
    this.buttons = html(
      "div",
      { class: "zoom" },
      button("+", "zoomIn", () => this.zoom(STEP)),
      button("−", "zoomOut", () => this.zoom(1 / STEP)),
      button("⤢", "whole", () => this.transformTo(this.home)),
    );
    surface.addEventListener("keydown", (event) => this.onKey(event));
    surface.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    surface.addEventListener("pointerdown", (event) => this.onDown(event));
    surface.addEventListener("pointermove", (event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      surface.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    }
  }

  /** Sets the size of the viewBox, and the transform that shows all there is, which it shows. */
  resize(width: number, height: number, home = IDENTITY): void {
    [this.width, this.height, this.home] = [width, height, home];
    this.transformTo(home);
  }

  /** Zooms about a point of the viewBox, its middle by default. */
  zoom(factor: number, about: readonly [number, number] = [this.width / 2, this.height / 2]): void {
    const { x, y } = this.transform;
    const k = Math.min(this.maxZoom, Math.max(1, this.transform.k * factor));
    const by = k / this.transform.k;
    this.transformTo({ k, x: about[0] - (about[0] - x) * by, y: about[1] - (about[1] - y) * by });
  }

  /** Sets the transform, moved where it would show what lies outside the chart. */
  transformTo({ x, y, k }: Transform): void {
    const clamp = (value: number, length: number): number => Math.min(0, Math.max(length * (1 - k), value));
    this.transform = { k, x: clamp(x, this.width), y: clamp(y, this.height) };
    this.surface.classList.toggle("zoomed", k > 1); // a finger then moves the chart, not the page
    this.onChange(this.transform);
  }

  /** The position of a pointer in units of the viewBox. */
  position(event: { clientX: number; clientY: number }): [number, number] {
    const box = this.surface.getBoundingClientRect();
    const scale = this.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  private pan(x: number, y: number): void {
    this.transformTo({ ...this.transform, x: this.transform.x + x, y: this.transform.y + y });
  }

  private onKey(event: KeyboardEvent): void {
    const step = this.width / 12;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.pan(step, 0),
      ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      "+": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      "0": () => this.transformTo(this.home),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** The wheel scrolls the page; with Ctrl it zooms, as does pinching on a trackpad, which browsers report so. */
  private onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(2 ** (-event.deltaY / 200), this.position(event));
  }

  private onDown(event: PointerEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    const [x, y] = this.position(event);
    this.pointers.set(event.pointerId, { x, y });
  }

  /**
   * Dragging with the mouse pans; two fingers pan and zoom. One finger pans a chart that is zoomed in, and scrolls the
   * page over one that is seen whole.
   */
  private onMove(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (event.buttons === 0) {
      this.pointers.delete(event.pointerId);
      return;
    }
    const [x, y] = this.position(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, { x, y });
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      this.pan((x - before.x) / 2, (y - before.y) / 2);
      this.zoom(Math.hypot(x - other.x, y - other.y) / Math.max(was, 1), [other.x, other.y]);
    } else if (event.pointerType === "mouse" || this.transform.k > 1) {
      this.pan(x - before.x, y - before.y);
    }
  }
}
