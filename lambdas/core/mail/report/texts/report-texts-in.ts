import type { Language } from '../../../alerts/kinds.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { ReportTexts } from './report-texts.ts';

const languages: Readonly<Record<Language, ReportTexts>> = { en, de, fr };

export const reportTextsIn = (language: Language): ReportTexts => languages[language];
