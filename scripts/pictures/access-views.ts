// Who may do what: people, groups, grants, and the question.
import type { AccessEstate } from './access-estate.ts'
import type { Stand } from './views.ts'

const rest = (page: Stand['page'], ms = 400) => page.waitForTimeout(ms)

export async function access({ page, url, shoot }: Pick<Stand, 'page' | 'url' | 'shoot'>, { grants, people }: AccessEstate): Promise<void> {
  const show = async (path: string, wanted: string, name: string) => {
    await page.goto(`${url}${path}`)
    await page.locator(wanted).first().waitFor()
    await rest(page)
    await shoot(name)
  }
  await show('/operators', '[data-row]', 'operators')
  await show('/operators?edit=new', '[data-testid=operator-save]', 'operator-add')
  await show(`/operators?edit=${people.get('ada') ?? ''}`, '[data-testid=operator-save]', 'operator-own')
  await show('/groups', '[data-row]', 'groups')
  await show('/groups?edit=new', '[data-testid=group-save]', 'group-add')
  await show('/grants', '[data-row]', 'grants')
  const grant = grants.get('Databases on call') ?? ''
  await show(`/grants?edit=${grants.get('夜间值班') ?? ''}`, '[data-testid=grant-save]', 'grant-edit')
  await page.getByTestId('grant-record').scrollIntoViewIfNeeded()
  await rest(page)
  await shoot('grant-edit-end')
  await show('/grants?edit=new', '[data-testid=grant-save]', 'grant-add')
  await page.getByTestId('grant-save').click()
  await rest(page)
  await shoot('grant-faults')
  await show('/who-may', 'main h2', 'who-may')
  await show('/who-may?operator=linus&asset=db-primary', '[data-testid=verdict]', 'who-may-no')
  await show('/who-may?operator=linus&asset=web-01', '[data-testid=verdict]', 'who-may-yes')
  await show('/who-may?operator=linus', '[data-testid=access-list]', 'who-may-person')
  await show('/who-may?asset=db-primary', 'main h2', 'who-may-host')
  await page.goto(`${url}/grants`)
  await page.locator(`[data-row=${grant}] button[aria-haspopup=menu]`).click()
  await rest(page)
  await shoot('grant-menu')
  await page.locator('[role=menuitem]').last().click()
  await page.getByTestId('grant-remove').waitFor()
  await rest(page)
  await shoot('grant-remove')
  await page.goto(`${url}/operators`)
  await page.locator(`[data-row=${people.get('ada') ?? ''}] button[aria-haspopup=menu]`).click()
  await rest(page)
  await shoot('operator-menu')
}
