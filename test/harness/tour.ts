// How much of a tour through all pages a run takes: some of the looks in `npm test`, which has minutes, the whole in `npm run test:long`.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    tour: 'some' | 'whole'
  }
}

/** All of them on the whole tour, else those that `isChosen`. */
export const onTour = <Stop>(stops: readonly Stop[], isChosen: (stop: Stop, at: number) => boolean): Stop[] =>
  inject('tour') === 'whole' ? [...stops] : stops.filter(isChosen)
