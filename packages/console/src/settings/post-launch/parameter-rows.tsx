import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import type { ReactNode } from 'react'
import { type Bound, errorText } from '../../forms/bound.ts'
import type { ExternalRow, ParameterRow } from './action.ts'

/** The model's limits: of parameters, and of values of one. */
const ROWS_MAX = 200

interface RowsProps<Row> {
  readonly label: string
  readonly description: string
  readonly addText: string
  readonly empty: Row
  readonly of: Bound<readonly Row[]>
  readonly cells: (row: Row, change: (changed: Partial<Row>) => void) => readonly Cell[]
}

interface Cell {
  readonly label: string
  readonly control: ReactNode
}

function Rows<Row extends { readonly name: string }>(props: RowsProps<Row>) {
  const { label, description, addText, empty, of, cells } = props
  const { value: rows, set, isReadOnly } = of
  const cellsOf = (row: Row, index: number) =>
    cells(row, (changed) =>
      set(rows.map((one, at) => (at === index ? { ...one, ...changed } : one))),
    )
  const definition = cellsOf(empty, -1).map(({ label: heading }, column) => ({
    label: heading,
    control: (row: Row, index: number) => cellsOf(row, index)[column]?.control,
  }))
  return (
    <FormField label={label} description={description} errorText={errorText(of)} stretch>
      <AttributeEditor
        items={rows}
        definition={definition}
        empty="None."
        addButtonText={addText}
        removeButtonText="Remove"
        removeButtonAriaLabel={({ name }) => `Remove parameter ${name}`}
        isItemRemovable={() => !isReadOnly}
        disableAddButton={isReadOnly || rows.length >= ROWS_MAX}
        onAddButtonClick={() => set([...rows, empty])}
        onRemoveButtonClick={({ detail }) =>
          set(rows.filter((_, index) => index !== detail.itemIndex))
        }
      />
    </FormField>
  )
}

const TYPES = [
  { value: 'STRING', label: 'Text' },
  { value: 'SECURE_STRING', label: 'Secret' },
] as const

const NO_PARAMETER: ParameterRow = { name: '', parameterType: 'STRING', parameterName: '' }

/** Parameters of the document whose values are in the parameter store. */
export function ParameterRows({ of }: { readonly of: Bound<readonly ParameterRow[]> }) {
  return (
    <Rows
      label="Parameters"
      description="Each value is in the parameter store under a name. A list has a row for each."
      addText="Add parameter"
      empty={NO_PARAMETER}
      of={of}
      cells={(row, change) => [
        { label: 'Parameter', control: text(row.name, (name) => change({ name })) },
        {
          label: 'Kind',
          control: (
            <Select
              selectedOption={TYPES.find(({ value }) => value === row.parameterType) ?? null}
              options={TYPES}
              onChange={({ detail }) =>
                change({
                  parameterType: detail.selectedOption.value as ParameterRow['parameterType'],
                })
              }
            />
          ),
        },
        {
          label: 'Name in the parameter store',
          control: text(row.parameterName, (parameterName) => change({ parameterName })),
        },
      ]}
    />
  )
}

const NO_EXTERNAL: ExternalRow = { name: '', dynamicPath: '' }

/** Parameters whose values are the instance's own. */
export function ExternalRows({ of }: { readonly of: Bound<readonly ExternalRow[]> }) {
  return (
    <Rows
      label="Parameters with values of the instance"
      description="A path into what EC2 says of the instance, such as ec2.InstanceId or ec2.Tags."
      addText="Add parameter of the instance"
      empty={NO_EXTERNAL}
      of={of}
      cells={(row, change) => [
        { label: 'Parameter', control: text(row.name, (name) => change({ name })) },
        {
          label: 'Path',
          control: text(row.dynamicPath, (dynamicPath) => change({ dynamicPath })),
        },
      ]}
    />
  )
}

function text(value: string, set: (value: string) => void) {
  return <Input value={value} onChange={({ detail }) => set(detail.value)} />
}
