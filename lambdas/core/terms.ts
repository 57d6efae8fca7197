import { createHash } from 'node:crypto';
import { LANGUAGES, type Language } from './alerts/kinds.ts';
import { de } from './terms/de.ts';
import { en } from './terms/en.ts';
import { fr } from './terms/fr.ts';
import { VERSION } from './terms/version.ts';

/** The terms of a transfer in one language. */
export interface TermsDocument {
  readonly language: Language;
  /** Markdown. */
  readonly text: string;
  /** SHA-256 of the text in UTF-8, in hexadecimal digits: it says to the letter what was accepted. */
  readonly hash: string;
}

export interface Terms {
  readonly version: string;
  readonly documents: readonly TermsDocument[];
}

/** What a customer says to have accepted: in any of the languages. */
export interface AcceptedTerms {
  readonly version: string;
  readonly hash: string;
}

const texts: Readonly<Record<Language, string>> = { en, de, fr };

const documents = LANGUAGES.map((language): TermsDocument => {
  const text = texts[language].trim();
  return { language, text, hash: createHash('sha256').update(text, 'utf8').digest('hex') };
});

/** The terms that a customer has to accept before a license is transferred. */
export const termsInForce = (): Terms => ({ version: VERSION, documents });

/** The terms in one language. */
export function termsIn(language: Language): TermsDocument & { readonly version: string } {
  const document = documents.find((candidate) => candidate.language === language);
  // Every language has its text: the record above is complete.
  if (!document) throw new Error(`No terms in ${language}`);
  return { version: VERSION, ...document };
}

export const areInForce = ({ version, hash }: AcceptedTerms): boolean =>
  version === VERSION && documents.some((document) => document.hash === hash);
