import type { Language } from '../alerts/kinds.ts';

/** What an e-mail says, before it is written as plain text or HTML. All text in it is clean, none is escaped. */
export interface MailDocument {
  readonly language: Language;
  /** Trouble, good news, or neither: each is shown in another colour. */
  readonly tone: 'problem' | 'good' | 'neutral';
  /** The very first line: why an unexpected reader gets it. */
  readonly note?: string;
  readonly headline: string;
  /** Whom it is about, below the headline. */
  readonly about: string;
  readonly blocks: readonly MailBlock[];
  /** The one way on. */
  readonly action?: MailLink;
  readonly footer: readonly MailFootnote[];
}

export interface MailLink {
  readonly label: string;
  readonly url: string;
}

export interface MailFootnote {
  readonly text: string;
  readonly link?: MailLink;
}

/** Subjects about which the same is to be said. */
export interface MailBlock {
  readonly title?: string;
  /** What happened, since when. */
  readonly paragraphs: readonly string[];
  /** What follows, and when. */
  readonly consequence?: string;
  readonly steps?: { readonly title: string; readonly items: readonly string[] };
  readonly lists: readonly MailList[];
  /** What is not listed. */
  readonly more?: { readonly text: string; readonly link?: MailLink };
}

export interface MailList {
  readonly title?: string;
  /** What the rows share, such as their contract. */
  readonly caption?: string;
  readonly rows: readonly MailRow[];
}

export interface MailRow {
  readonly name: string;
  readonly url?: string;
  /** What it is called elsewhere. */
  readonly ids: readonly MailFact[];
  /** How it stands. */
  readonly facts: readonly MailFact[];
}

export interface MailFact {
  readonly label: string;
  readonly value: string;
}
