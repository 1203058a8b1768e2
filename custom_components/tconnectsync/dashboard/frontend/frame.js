// Everything around the picture: head, ranges and notices.

import { showMore } from "./entities.js";
import { styles } from "./styles.js";
import { FORTNIGHT, RANGES } from "./ranges.js";

const SKELETON = `<ha-card>
  <div class="card">
    <header>
      <div class="title"></div>
      <div class="values"></div>
      <div class="age"></div>
      <div class="pills" hidden></div>
    </header>
    <div class="raised" role="alert" hidden></div>
    <div class="notice" role="status" hidden></div>
    <nav class="coming"><div class="ranges" role="group"></div></nav>
    <div class="sums" hidden></div>
    <div class="view">
      <div class="plot"></div>
      <div class="empty" role="status" hidden><p></p></div>
    </div>
    <footer></footer>
  </div>
</ha-card>`;

export class Frame {
  constructor(root, onRange) {
    root.innerHTML = `<style>${styles}</style>${SKELETON}`;
    this.root = root;
    this._worn = new Set();
    this.size = "";
    this.plot = this.part(".plot");
    this._buttons = RANGES.map((range) => {
      const button = document.createElement("button");
      button.dataset.range = range;
      button.addEventListener("click", () => onRange(range));
      return button;
    });
    this.part(".ranges").append(...this._buttons);
  }

  part(selector) {
    return this.root.querySelector(selector);
  }

  speak(locale) {
    for (const button of this._buttons) button.textContent = locale.say(`range_${button.dataset.range}`);
    this.part(".ranges").setAttribute("aria-label", locale.say("ranges"));
  }

  /** What holds, and how old it is. */
  head(title, summary) {
    say(this.part(".title"), title);
    replace(this.part(".values"), (summary?.values ?? []).map(valueElement));
    this.part(".age").textContent = summary?.age ?? "";
    say(this.part(".raised"), summary?.raised.join(" · "));
  }

  resize(size) {
    this.size = size;
    for (const one of ["short", "compact"]) this.root.host.toggleAttribute(one, size === one);
  }

  dress(styles) {
    if (!styles || this._worn.has(styles)) return;
    this._worn.add(styles);
    const style = document.createElement("style");
    style.textContent = styles;
    this.root.append(style);
  }

  offer(ranges) {
    for (const button of this._buttons) button.hidden = !ranges.includes(button.dataset.range ?? "");
    this.part(".ranges").hidden = ranges.length < 2;
  }

  /** @param height of the picture, undefined by the room there is */
  tall(height) {
    this.part(".view").style.flex = height ? `0 0 ${height}px` : "";
  }

  notice(words) {
    say(this.part(".notice"), words);
  }

  /** @param words in place of the picture, or over one in which there is nothing */
  empty(words) {
    const empty = this.part(".empty");
    empty.hidden = !words;
    say(empty.firstChild, words);
  }

  wait(waiting) {
    this.part(".view").classList.toggle("waiting", waiting);
  }

  /** @param isSummed whether there is a line of what it comes to */
  choose(range, isSummed) {
    for (const button of this._buttons) button.setAttribute("aria-pressed", String(button.dataset.range === range));
    this.part("nav").classList.toggle("overlaid", range === FORTNIGHT);
    this.part(".sums").hidden = !isSummed;
  }
}

/** Hide what says nothing; the same words stay, or screen readers would repeat them. */
function say(part, words) {
  part.hidden = !words;
  if (part.textContent !== (words ?? "")) part.textContent = words ?? "";
}

function valueElement({ name, label, value, unit, time, arrow, level, entity }) {
  const element = document.createElement(entity ? "button" : "div");
  if (entity) element.addEventListener("click", () => showMore(element, entity));
  element.className = `value ${name} ${level ?? ""}`;
  element.innerHTML = "<b></b><span></span><small><i></i><em></em></small>";
  const [number, rest, small] = element.children;
  number.textContent = value ?? "–";
  rest.textContent = [unit, arrow].filter(Boolean).join(" ");
  small.firstChild.textContent = time ? `${label} · ` : label;
  small.lastChild.textContent = time;
  return element;
}

/** Replace what is there; what had the focus has it again. */
export function replace(part, others) {
  const root = part.getRootNode();
  const focused = [...part.children].indexOf(root.activeElement);
  part.replaceChildren(...others);
  others[focused]?.focus({ preventScroll: true });
}
