// Runs before every module, whatever the bundler does with their order.

// zod otherwise probes `new Function`, which the content security policy reports as a violation.
globalThis.__zod_globalConfig = { jitless: true }

// The colours that were chosen, before anything is drawn: no flash of the other ones.
const chosen = localStorage.getItem('mantine-color-scheme-value')
const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
