// Where the files of a panel are: beside one's own live terminal, or a host on its own.
import { api } from '../api.ts'

export type FilesGoal = {
  /** Of the terminal beside it; asked each time a session is opened, since terminals are connected again. */
  session: () => string | undefined
  asset?: string | undefined
  account: string
  host: string
}

/** `reason`: why, where a grant asks for it. `beside`: the terminal that it is for, as the opening must name it. */
export async function filesTicket(
  { session, asset, account }: FilesGoal,
  reason: string | undefined,
  signal: AbortSignal,
): Promise<{ ticket: string; beside: string | undefined }> {
  const beside = session()
  const said = reason === undefined ? {} : { reason }
  // Without either control says what is wrong with the question.
  const asked = beside !== undefined ? { session: beside } : { account, ...(asset === undefined ? {} : { asset }) }
  const { ticket } = await api.tickets.create({ kind: 'files', ...asked, ...said }, { signal })
  return { ticket, beside }
}

/** Of the sentence that a grant asks for. */
export const longestReason = 500
