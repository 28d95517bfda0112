import { it } from 'vitest'
import { playHour } from '../harness/play-hour.ts'

it('an hour of work with a cut in every minute loses and doubles nothing', async () => {
  await playHour(60)
})
