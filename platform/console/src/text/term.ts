/** A code in words; a code this build does not know yet is shown as it is, never hidden. */
export function term(table: Readonly<Record<string, string>>, code: string | undefined): string {
  if (code === undefined) return '';
  return table[code] ?? code;
}
