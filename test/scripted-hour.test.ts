// A scripted hour in small: eight minutes, each kind of work once. The whole hour is in `test/long/scripted-hour.test.ts`.
import { playHour } from './harness/play-hour.ts'
import { it } from 'vitest'

it('what the person saw last, the recording, and the bytes that the host sent agree, whatever was cut', async () => {
  await playHour(8)
})
