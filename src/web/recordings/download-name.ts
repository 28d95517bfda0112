/** What a download is called: the recording's own name, with its format where it would be mistaken for another. */
export function downloadName(fileName: string | undefined, format: 'v3' | 'v2' | 'txt'): string {
  const stem = (fileName ?? 'recording.cast').replace(/\.cast$/, '')
  return format === 'v3' ? `${stem}.cast` : format === 'v2' ? `${stem}.v2.cast` : `${stem}.txt`
}
