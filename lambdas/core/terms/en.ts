/** The terms of a transfer, in Markdown. The vendor replaces the text by its own. */
export const en = `
# Terms of a license transfer

1. The license moves from the old host to the new host. It keeps its number, its contract and its share of the options.
2. The old host may go on until the new host has renewed for the first time. From then on its renewals are refused.
3. The license file that is on the old host stays valid until the day printed in it. From the take-over on you do not use it
   any more. You stop the product on the old host, or remove the license file there.
4. One license entitles one host at a time. A transfer is not a way to run more hosts than you have ordered.
5. A license can be transferred a limited number of times within 365 days. The vendor can allow more.
6. Who accepted these terms, when, and in which version is recorded and kept.
`;
