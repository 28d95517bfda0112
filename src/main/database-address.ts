/** Whether the address of the database stands in `argv` with a password: every user of the machine can read it there. Addresses that are none count as without. */
export function showsPassword(database: string | undefined, argv: readonly string[]): boolean {
  if (database === undefined || !URL.canParse(database) || !argv.some((argument) => argument.includes(database))) return false
  const url = new URL(database)
  return url.password !== '' || url.searchParams.has('password')
}
