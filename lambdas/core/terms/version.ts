/** Name of the terms in force. Change it together with the texts beside it; customers then have to accept the new ones. */
export const VERSION = '2026-11';
