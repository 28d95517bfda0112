// The entry of the control process.
import { setTimeout as sleep } from 'node:timers/promises'
import { startControl } from '#control/control.ts'
import { ControlBoot, readBoot } from './boot.ts'
import { tellReady } from './child-status.ts'
import { tellInsideOnSignal } from './inside.ts'
import { starting, underSupervisor } from './under-supervisor.ts'

/** When the supervisor has died, gateways drain for 10 s and report their ends to us. */
const gatewaysLeaveWithinMs = 11_000

const boot = readBoot(ControlBoot)
const control = await starting('control', () => startControl(boot))
underSupervisor({
  async stop(why) {
    if (why === 'orphaned') await sleep(gatewaysLeaveWithinMs)
    await control.close()
  },
})
tellInsideOnSignal('control', () => control.counts())
tellReady({ ledgerKey: control.ledgerFingerprint, ...(control.administrator === undefined ? {} : { administrator: control.administrator }) })
