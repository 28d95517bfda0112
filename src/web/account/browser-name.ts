// Which browser and system an agent string speaks of, in words. Only what people tell their own browsers apart by; the string is written by whoever asks and proves nothing. Pure.
type Known = readonly [name: string, mark: RegExp]

/** In this order: most browsers call themselves by the names of older ones too. */
const browsers: readonly Known[] = [
  ['Edge', /\bEdgA?(?:iOS)?\/(\d+)/],
  ['Opera', /\b(?:OPR|OPT|Opera)\/(\d+)/],
  ['Vivaldi', /\bVivaldi\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['WeChat', /\bMicroMessenger\/(\d+)/],
  ['QQ Browser', /\bM?QQBrowser\/(\d+)/],
  ['UC Browser', /\bUC?Browser\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:Headless)?(?:Chrome|CriOS|Chromium)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//],
  ['curl', /^curl\/(\d+)/],
]
const systems: readonly Known[] = [
  ['iPad', /\biPad\b/],
  ['iPhone', /\biPhone\b/],
  ['Android', /\bAndroid\b/],
  ['HarmonyOS', /\b(?:HarmonyOS|OpenHarmony)\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac ?OS ?X|\bMacintosh\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
]

/** `Firefox 140` and `Linux`; undefined for what is not known. */
export function browserName(agent: string): { browser: string | undefined; system: string | undefined } {
  const text = agent.slice(0, 300)
  const browser = browsers.find(([, mark]) => mark.test(text))
  const version = browser?.[1].exec(text)?.[1]?.slice(0, 4)
  return { browser: browser && `${browser[0]}${version === undefined ? '' : ` ${version}`}`, system: systems.find(([, mark]) => mark.test(text))?.[0] }
}
