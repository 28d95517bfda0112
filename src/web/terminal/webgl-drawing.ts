// How a terminal of this page draws: whether WebGL is worth it here, and xterm's addon for it.
import { WebglAddon } from '@xterm/addon-webgl'
import type { Terminal } from '@xterm/xterm'
import type { WebglLease } from './webgl-lease.ts'
import { WebglLeases } from './webgl-lease.ts'

let quickWebgl: boolean | undefined
/** WebGL done by the processor saves the page’s thread what another process then spends: in all nothing is won by it (`docs/bench.md`). */
export function hasQuickWebgl(): boolean {
  if (quickWebgl === undefined) {
    const context = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true })
    // Chromium hands out SwiftShader without calling it a caveat; a browser that keeps the renderer's name to itself is believed.
    const names = context?.getExtension('WEBGL_debug_renderer_info')
    const renderer: unknown = names ? context?.getParameter(names.UNMASKED_RENDERER_WEBGL) : ''
    quickWebgl = context !== null && !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(renderer))
    // A context that is only asked about must not count among the few.
    context?.getExtension('WEBGL_lose_context')?.loseContext()
  }
  return quickWebgl
}

const leases = new WebglLeases()

/** A lease for this terminal; it draws by DOM until the lease says that it is seen. */
export function leaseWebgl(terminal: Terminal): WebglLease {
  return leases.lease((lost) => {
    const webgl = new WebglAddon()
    try {
      terminal.loadAddon(webgl)
    } catch (error) {
      webgl.dispose()
      throw error
    }
    // Of the canvases there is one that WebGL draws on: any other answers null.
    const context = [...(terminal.element?.querySelectorAll('canvas') ?? [])].map((canvas) => canvas.getContext('webgl2')).find((found) => found !== null)
    webgl.onContextLoss(lost)
    return {
      dispose() {
        webgl.dispose()
        // Otherwise the browser counts it until it comes to collect the canvas.
        if (context && !context.isContextLost()) context.getExtension('WEBGL_lose_context')?.loseContext()
      },
    }
  })
}
