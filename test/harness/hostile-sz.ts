// A program on a host that says frames of ZMODEM as a test wants them, right or wrong.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Frame, SubpacketEnd } from '#gateway/zmodem/frame.ts'
import { frameWithData } from '#gateway/zmodem/header-writer.ts'

export const fileFrame = (name: string, bytes: number): Uint8Array =>
  frameWithData(Frame.ZFILE, 0, Buffer.from(`${name}\0${bytes} 0 100644 0 1 ${bytes}\0`), SubpacketEnd.ZCRCW)
export const dataFrame = (text: string): Uint8Array => frameWithData(Frame.ZDATA, 0, Buffer.from(text), SubpacketEnd.ZCRCE)

/** A script for `sh`: after each frame it waits for an answer, for a moment. */
export function writePlay(folder: string, frames: readonly Uint8Array[]): string {
  const steps = frames.map((frame, index) => {
    writeFileSync(path.join(folder, `frame-${index}`), frame)
    return `cat '${folder}/frame-${index}'; timeout 0.4 head -c 20 >/dev/null`
  })
  const play = path.join(folder, 'play.sh')
  writeFileSync(play, `stty raw -echo; ${steps.join('; ')}; sleep 0.3; stty sane -echo\n`)
  return play
}
