// The sentence that a gateway writes when an administrator ends a session, taken apart so that it can be said in the reader's language.

/** Of `Terminated by ada: reason`; undefined when the message is another. Names hold no colon. */
export function terminatedBy(message: string | undefined): { by: string; reason: string } | undefined {
  const match = /^Terminated by ([^:]{1,64})(?:: ([\s\S]*))?$/.exec(message ?? '')
  return match?.[1] === undefined ? undefined : { by: match[1], reason: match[2] ?? '' }
}
