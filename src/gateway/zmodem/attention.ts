// The string that a sender wants to be interrupted with (ZSINIT), as far as it may be said.
const interrupt = 0x03
/** Send a break, wait a second (Forsberg, 11.3): neither exists here. */
const breakByte = 0xde
const pauseByte = 0xdf
const mostAttentionBytes = 32

/**
 * What is sent of the string: Ctrl-C alone. Any other string of the host's choice would be typed at the host as if the person had: what is shown by `cat` could run commands that way. Empty then.
 */
export function attentionOf(data: Uint8Array): Uint8Array {
  const end = data.indexOf(0)
  const said = end < 0 ? data : data.subarray(0, end)
  if (said.length > mostAttentionBytes || said.some((byte) => byte !== interrupt && byte !== breakByte && byte !== pauseByte)) return new Uint8Array(0)
  return said.filter((byte) => byte === interrupt)
}
