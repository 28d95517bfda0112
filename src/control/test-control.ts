// Child of control.test.ts: a control process with the settings that it is given, which says when it is ready.
import { writeSync } from 'node:fs'
import { startControl, type ControlSettings } from './control.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as ControlSettings
const control = await startControl(settings)
writeSync(1, `ready ${control.ledgerFingerprint}\n`)
process.on('SIGTERM', () => void control.close().then(() => process.exit(0)))
