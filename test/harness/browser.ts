// Debian's Chromium, driven by playwright-core.
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const flags = [
  // Tests run as root and in containers, where Chromium's own sandbox cannot start; the pages are ours.
  '--no-sandbox',
  '--disable-dev-shm-usage',
  // Nothing but the product is to be talked to.
  ...['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps'],
]

/** WebGL drawn by the processor, where there is no card: slow, but real. */
const softwareWebgl = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']

/** `SALLYPORT_CHROMIUM` names another Chromium. Throws when none is here. */
export function chromiumCommand({ webgl = false }: { webgl?: boolean } = {}): { executablePath: string; args: string[] } {
  const named = process.env.SALLYPORT_CHROMIUM
  const executablePath = named ?? places.find((place) => existsSync(place))
  if (executablePath === undefined) throw new Error('no Chromium is here: apt-get install chromium')
  return { executablePath, args: [...flags, ...(webgl ? softwareWebgl : ['--disable-gpu'])] }
}

export async function launchBrowser(options: { webgl?: boolean } = {}): Promise<Browser> {
  return chromium.launch({ ...chromiumCommand(options), timeout: 60_000 })
}
