/** What each tag of an operation is about, in the order of the description. */
export const TAGS: Readonly<Record<string, string>> = {
  Renewing: 'What installed products call, once a day',
  Orders: 'For the systems of the vendor: customers and contracts, from which everything else follows',
  Issuing: 'For the systems of the vendor: licenses, which follow the contracts',
  Overview: 'For the people of a customer: how everything stands',
  Licenses: 'For the people of a customer: licenses, their hosts and their history',
  Installations: 'For the people of a customer: contracts, options and hosts of an installation',
  Distribution: 'For the people of a customer: how options are spread over hosts',
  Hosts: 'For the people of a customer: declaring, moving and retiring hosts',
  Contacts: 'For the people of a customer: who gets e-mail about what',
  Members: 'For the people of a customer: who may sign in',
  'E-mails': 'What the links in e-mails lead to: pages for people',
  Service: 'What the service says about itself, to everybody',
};

export const API_TEXT = {
  summary: 'Licenses of on-premise software that renew themselves, driven by contracts',
  description: `Instants in JSON are ISO 8601 in UTC; ends are exclusive. Bodies of requests are strict: an unknown member is a fault. Answers may
get members that are not named here: accept them.

Answers of functions to errors are problems (RFC 9457); decide on \`code\`. Some answers are made by the gateway itself, \`{"message": …}\`
without a code: any route may be answered 400 (not proper HTTP), 429, 431 (more than 10,240 bytes of headers), 500 or 503 so. They say nothing
about a license.`,
} as const;
