// The bell: a host may ring it as often as it likes, a person hears or sees it at most once a second.
export const bellEveryMs = 1000

/** True when enough time has passed since the last ring that counted. */
export class BellLimit {
  #lastMs = -Infinity
  /** `nowMs` never goes back. */
  mayRing(nowMs: number): boolean {
    if (nowMs - this.#lastMs < bellEveryMs) return false
    this.#lastMs = nowMs
    return true
  }
}

let audio: AudioContext | undefined

/** A short tone, made here: nothing is loaded. Silent where the browser allows no sound before the first click. */
export function soundBell(): void {
  audio ??= new AudioContext()
  if (audio.state === 'suspended') void audio.resume()
  const tone = audio.createOscillator()
  const loudness = audio.createGain()
  const at = audio.currentTime
  tone.type = 'sine'
  tone.frequency.value = 740
  // Begins and ends softly: a tone that is cut clicks.
  loudness.gain.setValueAtTime(0, at)
  loudness.gain.linearRampToValueAtTime(0.12, at + 0.01)
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.18)
  tone.connect(loudness).connect(audio.destination)
  tone.start(at)
  tone.stop(at + 0.2)
}
