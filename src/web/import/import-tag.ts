/** A tag by which the hosts of an import are found again; the day as the person's clock has it. */
export function importTag(now: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `import-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
