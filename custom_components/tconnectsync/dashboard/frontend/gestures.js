// Touching, hovering and the keyboard: what of a picture is chosen.

const MOUSE_REACH = 10;
const FINGER_REACH = 22;
/** A swipe is quick and goes across; slower, a finger looks along the course. */
const SWIPE = { ms: 350, across: 60, upright: 40 };

/**
 * @typedef {import("./later_chart.js").LaterChart | import("./fortnight.js").FortnightPicture} Picture
 */

export class Gestures {
  /**
   * @param {HTMLElement} plot
   * @param {{tell: (words: any, place: any) => void, open: (day: string) => void, step: (steps: number) => void}} acts
   *   `tell` is called with the words of what is chosen and where it is, or with null, `open` with a day
   *   that is to be looked at, `step` with how far to go
   */
  constructor(plot, { tell, open, step }) {
    this._plot = plot;
    this._tell = tell;
    this._open = open;
    this._step = step;
    /** @type {PointerEvent | null} */
    this._touch = null;
    /** @type {any} */
    this._picture = null;
    /** @type {any} */
    this._choice = null;
    /** Whether it was the keyboard that chose: only then does a choice go when the focus does. */
    this._byKeyboard = false;
    plot.addEventListener("pointermove", (event) => this._point(event));
    plot.addEventListener("pointerdown", (event) => {
      this._touch = event.pointerType === "mouse" ? null : event;
      this._point(event);
    });
    plot.addEventListener("pointerup", (event) => this._swipe(event));
    plot.addEventListener("click", (event) => {
      if (/** @type {PointerEvent} */ (event).pointerType === "mouse") this._enter();
    });
    plot.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this._choose(null);
    });
    plot.addEventListener("keydown", (event) => this._press(event));
    plot.addEventListener("focusin", (event) => this._focus(event));
    plot.addEventListener("focusout", () => this._byKeyboard && this._choose(null));
  }

  /**
   * Show another picture, with the same chosen and focused as before where it is still there.
   * @param {Picture} picture
   */
  show(picture) {
    const root = /** @type {ShadowRoot} */ (this._plot.getRootNode());
    const focused = this._plot.contains(root.activeElement) ? root.activeElement : null;
    const wasMark = focused?.getAttribute("data-id");
    const choice = this._choice && this._picture?.constructor === picture.constructor ? picture.again(this._choice) : null;
    this._picture = picture;
    this._choice = null;
    this._plot.replaceChildren(picture.root);
    this._rove(picture.marks.find(({ id }) => id === wasMark) ?? picture.marks[picture.marks.length - 1]);
    if (focused) {
      const mark = picture.marks.find(({ id }) => id === wasMark);
      (mark ? mark.element : picture.slider).focus({ preventScroll: true });
    }
    this._choose(choice);
  }

  /** Show no picture. */
  clear() {
    this._picture = null;
    this._plot.replaceChildren();
    this._choose(null);
  }

  /** @param {PointerEvent} event */
  _point(event) {
    if (!this._picture) return;
    const { left, top } = this._plot.getBoundingClientRect();
    const reach = event.pointerType === "mouse" ? MOUSE_REACH : FINGER_REACH;
    this._byKeyboard = false;
    this._choose(this._picture.pick(event.clientX - left, event.clientY - top, reach));
  }

  /** @param {PointerEvent} event */
  _swipe(event) {
    const began = this._touch;
    this._touch = null;
    if (!began || event.timeStamp - began.timeStamp > SWIPE.ms) return;
    const across = event.clientX - began.clientX;
    if (Math.abs(across) < SWIPE.across || Math.abs(event.clientY - began.clientY) > SWIPE.upright) return;
    this._choose(null);
    this._step(across > 0 ? -1 : 1);
  }

  /** @param {KeyboardEvent} event */
  _press(event) {
    if (!this._picture) return;
    this._byKeyboard = true;
    if (event.key === "Escape") {
      this._choose(null);
      return;
    }
    if (event.key === "Enter") this._enter();
    const marks = this._picture.marks;
    const index = marks.findIndex(({ element }) => element === event.target);
    if (index < 0) {
      const choice = this._picture.slide(this._choice, event.key);
      if (!choice) return;
      this._choose(choice);
    } else {
      const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -index, End: marks.length };
      if (!(event.key in steps)) return;
      const next = marks[Math.min(Math.max(index + steps[event.key], 0), marks.length - 1)];
      this._rove(next);
      next.element.focus();
    }
    event.preventDefault();
  }

  /** Look at the day that is chosen among several. */
  _enter() {
    if (this._choice?.day) this._open(this._choice.day.key);
  }

  /** @param {FocusEvent} event */
  _focus(event) {
    const target = /** @type {Element} */ (event.target);
    // What a pointer chose it has chosen already, and that stays.
    if (!this._picture || !target.matches(":focus-visible")) return;
    this._byKeyboard = true;
    const mark = this._picture.marks.find(({ element }) => element === target);
    if (mark) this._choose({ mark });
    else if (target === this._picture.slider) this._choose(this._picture.slide(this._choice, "focus"));
  }

  /**
   * Let one mark at a time be reached by the tab key, the others by arrows from there.
   * @param {any} chosen
   */
  _rove(chosen) {
    for (const mark of this._picture.marks) mark.element.setAttribute("tabindex", mark === chosen ? "0" : "-1");
  }

  /** @param {any} choice */
  _choose(choice) {
    this._choice = choice;
    this._picture?.show(choice);
    if (choice && this._picture) this._tell(this._picture.words(choice), this._picture.placeOf(choice));
    else this._tell(null, null);
  }
}
