import { describe, expect, it } from 'vitest'
import { terminatedBy } from './end-message.ts'

describe('the message of a terminated session', () => {
  it('says who and why', () => {
    expect(terminatedBy('Terminated by ada: maintenance: see the mail\nnow')).toEqual({ by: 'ada', reason: 'maintenance: see the mail\nnow' })
    expect(terminatedBy('Terminated by 李雷')).toEqual({ by: '李雷', reason: '' })
  })
  it('is nothing when somebody else wrote it', () => {
    for (const message of [undefined, '', 'bye', 'Ended by the system', 'Terminated by : no name', ' Terminated by ada'])
      expect(terminatedBy(message)).toBeUndefined()
  })
})
