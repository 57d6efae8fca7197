import type { Language } from '../../alerts/kinds.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { NoticeTexts } from './notice-texts.ts';

const languages: Readonly<Record<Language, NoticeTexts>> = { en, de, fr };

export const noticeTextsIn = (language: Language): NoticeTexts => languages[language];
