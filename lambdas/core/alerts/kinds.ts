/** What an e-mail can be about. Each has one scan, one ladder of steps and one role of contacts. */
export const ALERT_KINDS = ['offline', 'failed', 'expiring', 'ending'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const CONTACT_ROLES = ['technical', 'commercial'] as const;
export type ContactRole = (typeof CONTACT_ROLES)[number];

export const LANGUAGES = ['en', 'de', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Whom a kind is for. */
export const roleOf = (kind: AlertKind): ContactRole => (kind === 'ending' ? 'commercial' : 'technical');
