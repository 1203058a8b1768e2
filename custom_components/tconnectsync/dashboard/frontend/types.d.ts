// What the card's parts hand to one another: for people and editors, never loaded by a browser.
//
// Files that the first picture needs say units and reasons but no types: each of their bytes is loaded
// by every browser. Their parameters are what ByName says.

interface ByName {
  /** An instant, in milliseconds since 1970; so are `now`, `start`, `end` and `newest`. */
  at: number;
  /** What the integration's subscription told last. */
  answer: any;
  hass: Hass;
  locale: Locale;
  clock: Clock;
  config: CardConfig;
  options: Options;
  view: View;
  place: Place;
  limits: Limits;
  layout: Layout;
  drawing: Drawing;
  scene: Scene;
  strip: Strip;
  size: Size;
  /** From instants to pixels, and from amounts to them. */
  x: Scale;
  y: Scale;
  /** Such as de or de-CH. */
  language: string;
  /** Home Assistant's own. */
  localize: (key: string) => string;
}

type Hass = any;
type Options = ReturnType<typeof import("./card_options.js").readConfig>;
type Clock = import("./clock.js").Clock;
type Locale = import("./locale.js").Locale;
type LaterLocale = import("./later_locale.js").LaterLocale;
type Frame = import("./frame.js").Frame;
type Records = import("./glucose_records.js").Records;
type LaterRecords = import("./later_records.js").LaterRecords;

/** A span of time in view. */
interface View {
  start: number;
  end: number;
  now: number;
  wholeDay: boolean;
}

/** Where somebody is: `day` of those kept, null today; `until` the end of some hours of the past, null now. */
interface Place {
  range: string;
  day: string | null;
  until: number | null;
}

/** What to subscribe to; `slack` is how much earlier a running subscription may begin than is wanted. */
interface Wanted {
  account: Record<string, string>;
  start: number;
  end: number | null;
  kinds?: string[];
  slack: number;
}

/** In mg/dL. */
interface Limits {
  low: number;
  high: number;
}

type Shown = Record<"boluses" | "basal" | "activities" | "alarms" | "sites", boolean>;
type Size = "" | "short" | "compact";

/** From values to pixels. */
type Scale = ((value: number) => number) & { invert: (pixel: number) => number };

interface Strip {
  top: number;
  bottom: number;
}

interface Layout {
  width: number;
  height: number;
  left: number;
  right: number;
  font: number;
  narrow: boolean;
  lane: Strip | null;
  glucose: Strip;
  boluses: Strip | null;
  carbs: Strip | null;
  basal: Strip | null;
  bottom: number;
}

/** What is to be drawn. */
interface Scene {
  view: View;
  records: Records;
  locale: Locale;
  limits: Limits;
  shown: Shown;
  stale: boolean;
  live: LiveReading[];
  localize: (key: string) => string;
}

interface Drawing extends Scene {
  layout: Layout;
  x: Scale;
}

interface WholeDrawing extends Drawing {
  records: LaterRecords;
  locale: LaterLocale;
}

interface Words {
  title: string;
  details: string[];
  day?: string;
}

/** A value of the header; `key` is that of its entity. */
interface HeaderValue {
  name: string;
  label: string;
  value: string | null;
  unit: string;
  time: string;
  arrow?: string;
  level?: string;
  key?: string;
  entity?: string;
}

interface Reading {
  at: number;
  value: number | null;
  state: string;
  trend: string | null;
  isLive?: boolean;
}

interface LiveReading {
  at: number;
  value: number;
  measured: boolean;
}

interface ReportedOnBoard {
  at: number;
  units: number;
}

interface Estimate {
  at: number;
  units: number | null;
}

interface TimeSpan {
  from: number;
  to: number;
  running: boolean;
}

interface Segment extends TimeSpan {
  rate: number;
  profile: number | null;
  source: string;
}

interface Suspension extends TimeSpan {
  endKnown: boolean;
  reason: string | null;
}

interface Activity extends TimeSpan {
  mode: string;
}

interface Bolus {
  at: number;
  kind: string;
  units: number;
  asked: number;
  inProgress: boolean;
  endMissing: boolean;
  deliveryUnknown: boolean;
  now: number;
  extended: number;
  extendedFrom: number;
  extendedTo: number;
  carbs: number | null;
  glucose: number | null;
  food: number | null;
  correction: number | null;
}

interface Alarm {
  at: number;
  kind: string;
  type: string;
  meaning: string;
  ended: number | null;
  endedBy: "cleared" | "repeated" | "lapsed" | null;
}

interface Fill {
  at: number;
  kind: string;
  units: number | null;
  isSite: boolean;
}

interface Session {
  at: number;
  sensor: string;
  joined: boolean;
  expires: number | null;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Mark {
  id: string;
  at: number;
  kind: string;
  box: Box;
  words: Words;
  element: SVGElement;
}

/** Options as a dashboard keeps them: `low` and `high` in mg/dL or mmol/L, `height` of the picture in pixels. */
interface CardConfig {
  type: string;
  device_id?: string;
  entity_id?: string;
  config_entry_id?: string;
  title?: string;
  range?: string | number;
  ranges?: (string | number)[];
  show?: string[];
  pills?: string[];
  live_glucose?: string;
  night_from?: string;
  night_to?: string;
  low?: number;
  high?: number;
  height?: number;
}
