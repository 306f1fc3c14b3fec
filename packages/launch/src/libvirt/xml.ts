import { XMLBuilder } from 'fast-xml-parser'

/** Attributes are the members that begin with `@`. */
export function toXml(element: object): string {
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', format: true }
  return new XMLBuilder(options).build(element)
}

/** XML 1.0 cannot hold most control characters, not even escaped, nor half of a surrogate pair. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{Cc}\t\n\r\x7f-\x9f]|[\ufffe\uffff]/gu, '\ufffd')
}
