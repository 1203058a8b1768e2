// Labels beside one another: one that would overlap another is left out.

export class LabelRow {
  /**
   * @param {Layout} layout
   * @param {number} [padding] in font sizes
   */
  constructor(layout, padding = 0.6) {
    this._layout = layout;
    this._padding = padding * layout.font;
    /** @type {[number, number][]} */
    this._taken = [];
  }

  /** @param {string} words */
  half(words) {
    return (words.length * this._layout.font * 0.56 + this._padding) / 2;
  }

  /**
   * The middle of a label near x, or null when there is no room for it.
   * @param {number} x
   * @param {string} words
   */
  place(x, words) {
    const half = this.half(words);
    const middle = Math.min(Math.max(x, this._layout.left + half), this._layout.right - half);
    const [from, to] = [middle - half, middle + half];
    if (this._taken.some(([start, end]) => from < end && to > start)) return null;
    this._taken.push([from, to]);
    return middle;
  }
}
