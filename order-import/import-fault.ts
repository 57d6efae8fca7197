/** What is wrong with the file or the call of the program, in one line for people. */
export class ImportFault extends Error {
  override readonly name = 'ImportFault';
}

/** A fault in a row of the file, and where; the row is the one that spreadsheets show. */
export interface RowFault {
  readonly row: number;
  readonly column?: string | undefined;
  readonly message: string;
}

/** Text of others as a terminal may show it: nothing in it moves the cursor, turns the direction or breaks the line. */
export const printable = (text: string, most = 60): string => {
  const clean = text.replace(/[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, '?');
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
};
