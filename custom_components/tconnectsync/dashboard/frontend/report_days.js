// How many days a report may be of.

export const DAYS = [14, 30, 90];
