import FormField from '@cloudscape-design/components/form-field'
import Multiselect from '@cloudscape-design/components/multiselect'
import { usePolicies } from './identity.ts'

interface PoliciesFieldProps {
  readonly arns: readonly string[]
  readonly onChange: (arns: readonly string[]) => void
  /** ARNs that are not offered. */
  readonly except?: readonly string[]
}

/** Managed policies: AWS's, and those that the customer made. */
export function PoliciesField({ arns, onChange, except = [] }: PoliciesFieldProps) {
  const { data, error, isPending } = usePolicies()
  const options = (data ?? [])
    .filter(({ Arn }) => !except.includes(Arn))
    .map(({ Arn, PolicyName }) => ({ value: Arn, label: PolicyName, description: Arn }))
  return (
    <FormField
      label="Managed policies"
      description="What the user may do. Without any, they may do nothing."
      errorText={error?.message}
    >
      <Multiselect
        selectedOptions={arns.map(
          (arn) => options.find(({ value }) => value === arn) ?? { value: arn, label: arn },
        )}
        options={options}
        filteringType="auto"
        filteringAriaLabel="Find policies"
        placeholder="Choose policies"
        statusType={isPending ? 'loading' : 'finished'}
        loadingText="Loading policies"
        onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ''))}
      />
    </FormField>
  )
}
