// @ts-check
/** What each room tells a page once it is in it: from then on it gets what is said. */
export const COME_IN = 'come-in'
