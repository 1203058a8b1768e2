// Elements and paths of a drawing.

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Make an SVG element; attributes that are null or undefined are left out.
 * @param {string} name
 * @param {Record<string, unknown>} [attributes]
 * @param {(Node | string | null)[]} children
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @param {number} pixel */
export const fixed = (pixel) => Math.round(pixel * 100) / 100;

/**
 * A line through points; where `breaks` says so between two neighbours it is interrupted.
 * @param {[number, number][]} points
 * @param {(before: number, after: number) => boolean} [breaks] by index
 */
export function line(points, breaks = () => false) {
  return points
    .map(([x, y], index) => {
      const moves = index === 0 || breaks(index - 1, index);
      return `${moves ? "M" : "L"}${fixed(x)} ${fixed(y)}`;
    })
    .join("");
}

/**
 * Dots as lines without length, which a round cap makes visible: one element for all.
 * @param {[number, number][]} points
 */
export const dots = (points) => points.map(([x, y]) => `M${fixed(x)} ${fixed(y)}h0`).join("");

/**
 * Level stretches, joined by upright lines where one follows the other.
 * @param {{from: number, to: number, y: number}[]} steps
 */
export function stairs(steps) {
  return steps
    .map(({ from, to, y }, index) => {
      const before = steps[index - 1];
      const joined = before && Math.abs(before.to - from) < 1;
      return `${joined ? "L" : "M"}${fixed(from)} ${fixed(y)}L${fixed(to)} ${fixed(y)}`;
    })
    .join("");
}

/**
 * A text whose ends are where `anchor` says.
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {Record<string, unknown>} [attributes]
 */
export const text = (words, x, y, attributes = {}) =>
  svg("text", { x: fixed(x), y: fixed(y), ...attributes }, words);
