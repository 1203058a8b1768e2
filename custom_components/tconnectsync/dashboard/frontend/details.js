// What a picture tells when it is touched, and what its signs mean: loaded once there is a picture.

export { Explorer } from "./explore.js";
export { legendOf } from "./legend.js";
export { marksOf } from "./marks.js";
export { momentWords, sentence } from "./words.js";
