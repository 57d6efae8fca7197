const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, in elements and in quoted attributes. */
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** Text of others, whose direction must not turn the rest of its line around. */
export const foreign = (text: string): string => `<bdi>${escape(text)}</bdi>`;

const SHOWN = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** An ISO instant as people read it, `24 Nov 2026, 12:04`, in UTC. */
export const moment = (iso: string): string =>
  `<time datetime="${escape(iso)}">${SHOWN.format(new Date(iso))}</time>`;
