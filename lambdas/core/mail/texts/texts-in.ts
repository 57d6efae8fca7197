import type { Language } from '../../alerts/kinds.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { Texts } from './texts.ts';

const languages: Readonly<Record<Language, Texts>> = { en, de, fr };

export const textsIn = (language: Language): Texts => languages[language];
