import assert from 'node:assert/strict'
import { XMLParser } from 'fast-xml-parser'
import { EC2_MODEL, shapeOf, type ServiceModel } from '../http/service-model.ts'

/** An element as it was sent; nothing of it is interpreted. */
export interface Element {
  readonly name: string
  readonly namespace: string | undefined
  readonly children: readonly Element[]
  readonly text: string
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  parseTagValue: false,
  trimValues: false,
})

/** Text under `#text`, attributes under `:@`, children under the name. */
type Node = Readonly<Record<string, unknown>>

/** The one element that the text is. */
export function parseXml(text: string): Element {
  const elements = (parser.parse(text) as Node[]).map(elementOf)
  assert.equal(elements.length, 1, text)
  return elements[0]!
}

function elementOf(node: Node): Element {
  const name = Object.keys(node).find((key) => key !== ':@')!
  const inside = node[name] as Node[]
  const attributes = (node[':@'] ?? {}) as Readonly<Record<string, string>>
  return {
    name,
    namespace: attributes['@_xmlns'],
    children: inside.filter((one) => !('#text' in one)).map(elementOf),
    text: inside.map((one) => (one['#text'] as string | undefined) ?? '').join(''),
  }
}

/** The children by name. Fails when one of the names is not there once, or another is. */
export function childrenOf<Name extends string>(
  element: Element,
  names: readonly Name[],
): Readonly<Record<Name, Element>> {
  assert.deepEqual(element.children.map(({ name }) => name).toSorted(), names.toSorted())
  return Object.fromEntries(element.children.map((child) => [child.name, child])) as Record<
    Name,
    Element
  >
}

/**
 * The value of an element by its shape. Fails on an element that the model does not know, that is
 * there twice, or whose text is not written as its type is.
 */
export function fromXml(model: ServiceModel, shapeName: string, element: Element): unknown {
  const shape = shapeOf(model, shapeName)
  const { name, children, text } = element
  const isEc2 = model === EC2_MODEL
  if (shape.type !== 'structure' && shape.type !== 'list') {
    assert.deepEqual(children, [], `${name} is a ${shape.type}, and has elements in it`)
    return scalarOf(shape.type, text, name)
  }
  assert.equal(text.trim(), '', `there is text between the elements of ${name}`)
  if (shape.type === 'list') {
    const { shape: item, locationName = 'item' } = shape.member!
    return children.map((child) => {
      assert.equal(child.name, isEc2 ? locationName : 'member', `an item of ${name}`)
      return fromXml(model, item, child)
    })
  }
  const members = Object.entries(shape.members ?? {}).map(([key, member]) => {
    return [(isEc2 && member.locationName) || key, { key, shape: member.shape }] as const
  })
  const known = new Map(members)
  const entries = children.map((child) => {
    const member = known.get(child.name)
    assert.ok(member !== undefined, `${name} has no member ${child.name}`)
    return [member.key, fromXml(model, member.shape, child)] as const
  })
  const names = children.map((child) => child.name)
  assert.equal(new Set(names).size, names.length, `${name} has a member twice: ${names.join()}`)
  return Object.fromEntries(entries)
}

/** How each type is written; a text is whatever it is. */
const WRITTEN: Readonly<Record<string, RegExp>> = {
  boolean: /^(true|false)$/,
  integer: /^-?\d+$/,
  long: /^-?\d+$/,
  timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/,
}

function scalarOf(type: string, text: string, name: string): unknown {
  assert.match(text, WRITTEN[type] ?? /^/, `${name} is a ${type}`)
  switch (type) {
    case 'boolean':
      return text === 'true'
    case 'integer':
    case 'long':
      return Number(text)
    case 'timestamp':
      return new Date(text)
    default:
      return text
  }
}
