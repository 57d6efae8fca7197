import { createHash } from 'node:crypto';

const sumOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** A text of several pages that begins with a number and ends with its own sum. */
export function numbered(count: number): string {
  const body = `${count} ${'x'.repeat(9000 + (count % 1000))}`;
  return `${body} ${sumOf(body)}`;
}

export function isWhole(text: string): boolean {
  const end = text.lastIndexOf(' ');
  return end > 0 && sumOf(text.slice(0, end)) === text.slice(end + 1);
}
