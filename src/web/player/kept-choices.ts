// How fast a person plays, and how much idle time they skip, kept in the browser.
import { idleLimits, speeds } from './playback.ts'

const key = 'sallyport.player'
export type Choices = { speed: number; idleSeconds: number }

export function readChoices(text: string | null): Choices {
  let kept: unknown
  try {
    kept = JSON.parse(text ?? '')
  } catch {
    // Nothing kept, or not ours.
  }
  const { speed, idleSeconds } = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>
  return { speed: speeds.find((one) => one === speed) ?? 1, idleSeconds: idleLimits.find((one) => one === idleSeconds) ?? 2 }
}
export const keptChoices = (): Choices => readChoices(localStorage.getItem(key))
export const keepChoices = ({ speed, idleSeconds }: Choices): void => localStorage.setItem(key, JSON.stringify({ speed, idleSeconds }))
