import type { Item } from './client.ts';

/** A key of DynamoDB as text, to be kept between two parts of a scan. Keys here are texts and numbers. */
export const cursorOf = (key: Item): string => JSON.stringify(key);

/** The key back. Only this project writes cursors. */
export const keyOf = (cursor: string): Item => JSON.parse(cursor) as Item;
