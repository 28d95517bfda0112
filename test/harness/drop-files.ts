import type { Locator } from 'playwright-core'

/** Files that come from the desk of a person, dragged over an element and dropped there. */
export async function dropFiles(target: Locator, files: readonly { name: string; content: Uint8Array }[]): Promise<void> {
  const encoded = files.map(({ name, content }) => ({ name, text: Buffer.from(content).toString('base64') }))
  await target.evaluate((element, given) => {
    const data = new DataTransfer()
    for (const { name, text } of given)
      data.items.add(new File([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], name, { lastModified: 1_700_000_000_000 }))
    const { left, top } = element.getBoundingClientRect()
    for (const type of ['dragenter', 'dragover', 'drop'])
      element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: data, clientX: left + 20, clientY: top + 20 }))
  }, encoded)
}
