/** A customer may be patient or impatient about silent hosts, within these hours. */
export const LEAST_OFFLINE_HOURS = 24;
export const MOST_OFFLINE_HOURS = 8_760;
