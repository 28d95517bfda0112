// Brings the checkout to where the product can start; does and prints nothing when it is there already.
import { buildNative, isNativeSettled } from './native.mjs'
import { install, isInstalled } from './install.mjs'
import { alone } from './lock.mjs'
import { buildWeb, isWebBuilt } from './web.mjs'

/** `web: false` leaves the pages out, for verbs that do not serve them. Throws `SetUpFailed`. */
export async function setUp({ web = true } = {}) {
  const isReady = () => isInstalled() && isNativeSettled() && (!web || isWebBuilt())
  if (isReady()) return
  await alone(async () => {
    if (!isInstalled()) await install()
    if (!isNativeSettled()) await buildNative()
    if (web && !isWebBuilt()) await buildWeb()
  })
}
