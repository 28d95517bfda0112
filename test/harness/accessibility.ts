// The accessibility score of Lighthouse, from what it is made of: the rules of axe that it runs, and its weights (core/config/default-config.js of 13.5.0).
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** By rule of axe: 10 for what is critical, 7 serious, 3 moderate, 1 minor. A rule that finds nothing to judge on a page does not count there. */
const weights: Readonly<Record<string, number>> = {
  ...weighing(
    10,
    'aria-allowed-attr aria-hidden-body aria-required-attr aria-required-children aria-required-parent aria-roles aria-valid-attr-value aria-valid-attr',
  ),
  ...weighing(10, 'button-name duplicate-id-aria image-alt input-button-name input-image-alt label meta-refresh meta-viewport select-name video-caption'),
  ...weighing(
    7,
    'accesskeys aria-command-name aria-conditional-attr aria-dialog-name aria-hidden-focus aria-input-field-name aria-meter-name aria-progressbar-name',
  ),
  ...weighing(7, 'aria-prohibited-attr aria-text aria-toggle-field-name aria-tooltip-name aria-treeitem-name bypass color-contrast definition-list dlitem'),
  ...weighing(7, 'document-title frame-title html-has-lang html-lang-valid link-in-text-block link-name list listitem object-alt tabindex target-size'),
  ...weighing(7, 'td-headers-attr th-has-data-cells valid-lang'),
  ...weighing(3, 'form-field-multiple-labels heading-order html-xml-lang-mismatch landmark-one-main skip-link'),
  ...weighing(1, 'aria-deprecated-role autocomplete-valid presentation-role-conflict svg-img-alt'),
}
/** Lighthouse leaves it out; a list that scrolls and cannot be reached by the keyboard is a fault all the same. */
const besides = ['scrollable-region-focusable']

function weighing(weight: number, rules: string): Record<string, number> {
  return Object.fromEntries(rules.split(' ').map((rule) => [rule, weight]))
}

export type Accessibility = { score: number; faults: string[] }

/** The page as it stands. `faults` name the rule and the element, at most 20; `score` is 0 to 100. */
export async function auditAccessibility(page: Page): Promise<Accessibility> {
  // By the debugging protocol, which the page's own policy does not bind.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const { violations, passes } = await page.evaluate(
    async (rules) => {
      type Node = { target: unknown[]; failureSummary?: string }
      type Rule = { id: string; nodes: Node[] }
      const { axe } = window as unknown as { axe: { run(context: unknown, options: unknown): Promise<Record<'violations' | 'passes' | 'incomplete', Rule[]>> } }
      const result = await axe.run(document, { runOnly: { type: 'rule', values: rules }, resultTypes: ['violations'] })
      const say = (rule: Rule) => ({ id: rule.id, nodes: rule.nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`) })
      return { violations: result.violations.map(say), passes: [...result.passes, ...result.incomplete].map(({ id }) => id) }
    },
    [...Object.keys(weights), ...besides],
  )
  const weightOf = (ids: Iterable<string>) => [...new Set(ids)].reduce((sum, id) => sum + (weights[id] ?? 0), 0)
  const failed = new Set(violations.map(({ id }) => id))
  const passed = weightOf(passes.filter((id) => !failed.has(id)))
  const faults = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.replace(/\s+/g, ' ').slice(0, 300)}`))
  return { score: Math.round((100 * passed) / Math.max(1, passed + weightOf(failed))), faults: faults.slice(0, 20) }
}
