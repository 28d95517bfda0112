// Apart from the schemas, so that a page's address can be read before they are loaded.

/** Columns by which sessions are sorted; `seconds` is how long one lasted, `recordingBytes` what its recording takes, `idle` since when nobody did anything in a live one. */
export const sessionColumns = [
  'startedAt',
  'endedAt',
  'operator',
  'asset',
  'address',
  'account',
  'bytesIn',
  'bytesOut',
  'state',
  'door',
  'endReason',
  'source',
  'gateway',
  'seconds',
  'idle',
  'recordingSeconds',
  'recordingBytes',
  'recordingState',
] as const
