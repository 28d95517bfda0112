import { expect, it } from 'vitest'
import { gatewayHeaders } from '#wire/link.ts'
import { passedOn } from './api-proxy.ts'

it('passes on what people say and nothing that only a gateway or a proxy may say', () => {
  const said = { host: 'a', cookie: 'c', 'x-sallyport': '1', 'sec-fetch-site': 'same-origin' }
  const pretended = {
    [gatewayHeaders.token]: 't',
    [gatewayHeaders.source]: '10.0.0.1',
    [gatewayHeaders.secure]: '1',
    'x-sallyport-anything-later': '1',
    'x-forwarded-for': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    connection: 'keep-alive, x-hop',
    'x-hop': '1',
    'transfer-encoding': 'chunked',
  }
  expect(passedOn({ ...said, ...pretended })).toEqual(said)
})
