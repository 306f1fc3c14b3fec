import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstanceStep } from '@landfall/model'
import { readDocument } from './document-content.ts'
import { readParameterValues, type GivenParameters } from './parameter-values.ts'
import { renderSteps } from './render-steps.ts'

const STORED = new Map([['/shop/port', '8080']])

function documentOf(parameters: object, inputs: object, step: object = {}) {
  const mainSteps = [{ action: 'aws:runShellScript', name: 'look', inputs, ...step }]
  return readDocument(JSON.stringify({ schemaVersion: '2.2', parameters, mainSteps }))
}

function render(
  document: ReturnType<typeof documentOf>,
  given: GivenParameters = {},
): readonly InstanceStep[] {
  return renderSteps(document, readParameterValues(document, given, STORED), STORED)
}

const scriptOf = (...args: Parameters<typeof render>) => render(...args)[0]?.script

test('values stand where the document names its parameters', () => {
  const types = {
    Text: { type: 'String' },
    List: { type: 'StringList' },
    Number: { type: 'Integer', default: 7 },
    Flag: { type: 'Boolean' },
    Map: { type: 'StringMap' },
    Maps: { type: 'MapList' },
    Port: { type: 'String', default: '{{ssm:/shop/port}}' },
  }
  const runCommand = [
    'echo {{ Text }} {{Number}} {{ Flag }}',
    '{{ List }}',
    "echo '{{ List }}' '{{ Map }}' '{{ Maps }}' {{ Port }} {{ssm:/shop/port}}",
  ]
  const script = scriptOf(documentOf(types, { runCommand }), {
    Text: ['{{ Number }} {{ssm:/shop/port}}'],
    List: ['one "1"', 'two {{ Text }}'],
    Flag: ['True'],
    Map: ['{"a": 1}'],
    Maps: ['{"b": 2}', '{"c": 3}'],
  })
  assert.equal(
    script,
    [
      // What a value looks like is not looked at again.
      'echo {{ Number }} 8080 7 true',
      'one "1"',
      'two {{ Text }}',
      `echo '["one \\"1\\"","two {{ Text }}"]' '{"a":1}' '[{"b":2},{"c":3}]' 8080 8080`,
    ].join('\n'),
  )
})

test('parameters are what the document says of them', () => {
  const one = (parameter: object, texts?: readonly string[]) => () =>
    scriptOf(
      documentOf({ P: parameter }, { runCommand: 'echo {{ P }}' }),
      texts === undefined ? {} : { P: texts },
    )
  assert.throws(one({ type: 'String' }), /P has no default and must be given/)
  assert.throws(one({ type: 'String' }, ['a', 'b']), /must have one value/)
  assert.throws(one({ type: 'Boolean' }, ['yes']), /must be true or false/)
  assert.throws(one({ type: 'Integer' }, ['1.5']), /must be an integer/)
  assert.throws(one({ type: 'StringMap' }, ['[]']), /must be JSON of an object/)
  assert.throws(one({ type: 'MapList' }, ['{}', '{']), /must be JSON of an object/)
  assert.throws(one({ type: 'String', allowedValues: ['a', 'b'] }, ['c']), /one of a, b/)
  assert.equal(one({ type: 'Integer', allowedValues: [1, 2] }, ['2'])(), 'echo 2')
  assert.throws(one({ type: 'String', maxChars: 3 }, ['long']), /4 characters/)
  assert.throws(one({ type: 'StringList', minItems: 2 }, ['a']), /has 1 values/)
  const pattern = { type: 'String', allowedPattern: '[a-z]+|[0-9]+' }
  assert.equal(one(pattern, ['42'])(), 'echo 42')
  assert.throws(one(pattern, ['4; rm -rf /']), /must match/)
  assert.throws(one({ type: 'String', allowedPattern: '(' }, ['a']), /not a regular expression/)
  // A pattern that would look at this for longer than anybody lives.
  const slow = { type: 'String', allowedPattern: '(a+)+' }
  assert.throws(one(slow, [`${'a'.repeat(50)}!`]), /takes too long/)
  const document = documentOf({}, { runCommand: 'ls' })
  assert.throws(() => render(document, { Q: ['x'] }), /Q is not one of the document/)
  assert.throws(() => render(document, JSON.parse('{"__proto__": ["x"]}') as GivenParameters))
})

test('a step has its folder, its time, and what its failure does', () => {
  const parameters = {
    Seconds: { type: 'String', default: '60' },
    Folder: { type: 'String', default: '' },
  }
  const inputs = {
    runCommand: ['ls'],
    timeoutSeconds: '{{ Seconds }}',
    workingDirectory: '{{ Folder }}',
  }
  const document = documentOf(parameters, inputs, { onFailure: 'exit', finallyStep: true })
  assert.deepEqual(render(document), [
    { name: 'look', script: 'ls', timeoutSeconds: 60, onFailure: 'exit', isFinally: true },
  ])
  assert.equal(render(document, { Folder: ['/tmp'] })[0]?.workingDirectory, '/tmp')
  for (const wrong of ['0', '1.5', '172801', 'soon']) {
    assert.throws(() => render(document, { Seconds: [wrong] }), /1 to 172800/)
  }
  const platform = (name: string) => ({
    precondition: { StringEquals: ['platformType', name] },
  })
  const skipped = (name: string) =>
    render(documentOf({}, { runCommand: 'ls' }, platform(name)))[0]?.isSkipped
  assert.equal(skipped('Linux'), undefined)
  assert.equal(skipped('Windows'), true)
})

test('what would be too large to be told is refused, before it is made', () => {
  const parameters = { P: { type: 'String' } }
  const document = documentOf(parameters, { runCommand: Array(1000).fill('{{ P }}{{ P }}') })
  assert.throws(() => render(document, { P: ['x'.repeat(1_000_000)] }), {
    ssmCode: 'MaxDocumentSizeExceeded',
  })
  assert.throws(() => render(document, { P: ['\u0001'.repeat(60)] }), {
    ssmCode: 'MaxDocumentSizeExceeded',
  })
})
