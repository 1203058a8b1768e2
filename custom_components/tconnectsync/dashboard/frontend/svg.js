// Elements and paths of a drawing.

/** An element; attributes that are null or undefined are left out. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const fixed = (pixel) => Math.round(pixel * 100) / 100;

/** A line through points, interrupted between two neighbours (by index) where it `breaks`. */
export const line = (points, breaks = () => false) =>
  points.map(([x, y], index) => `${!index || breaks(index - 1, index) ? "M" : "L"}${fixed(x)} ${fixed(y)}`).join("");

/** Dots as lines without length, which a round cap makes visible: one element for all. */
export const dots = (points) => points.map(([x, y]) => `M${fixed(x)} ${fixed(y)}h0`).join("");

export const text = (words, x, y, attributes = {}) => svg("text", { x: fixed(x), y: fixed(y), ...attributes }, words);
