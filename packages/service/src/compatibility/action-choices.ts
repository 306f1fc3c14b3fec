import type { Choice } from './choice.ts'

/** What was chosen for post-launch actions. */
export const ACTION_CHOICES: readonly Choice[] = [
  {
    question: 'Are post-launch actions on from the start?',
    choice:
      'yes: `deployment` is TEST_AND_CUTOVER until it is changed, as what runs them, the agent, is ' +
      'on every instance already. Without a deployment they are off, but `ssmDocuments` are meant ' +
      'for test and cutover then',
    shownBy: 'the deployment says after which launches actions run; without one they are off',
  },
  {
    question: 'Does a launch job wait for post-launch actions?',
    choice:
      'no: it is COMPLETED with the launch, and `postLaunchActionsStatus` changes as they end. One ' +
      'that waits is IN_PROGRESS without `executionID`, which is the ID of an SSM command, or of an image',
    shownBy: "a launch job ends with the launch, and shows each action's result as it comes",
  },
  {
    question: 'Post-launch action after one that failed',
    choice: 'runs all the same: every failure is told at once',
    shownBy:
      'after the first boot actions run one after the other in their order, also after a failure',
  },
  {
    question: "Order of a launch configuration's own `ssmDocuments`",
    choice: "in the order of the list, after the server's actions",
    shownBy: "a launch configuration's own documents run last, by the settings that they have",
  },
  {
    question: '`timeoutSeconds` of a post-launch action',
    choice:
      'from its delivery to the agent to the end of its last step; then it is stopped. The agent ' +
      'has an hour to ask for it',
    shownBy: 'an action that takes longer than it may is stopped, all its steps counted together',
  },
  {
    question: 'Post-launch actions of an instance that does not boot',
    choice:
      'FAILED with that reason once its first boot is UNKNOWN; where the agent does not ask for one, ' +
      'so are those after it',
    shownBy: 'an instance that never boots, or never asks, fails its actions with the reason',
  },
  {
    question: 'Dynamic paths of external parameters',
    choice: '`ec2.…`: the instance as DescribeInstances shows it, with PrivateIpAddress',
    shownBy: 'dynamic paths lead to what the instance is',
  },
  {
    question: 'SECURE_STRING parameters of post-launch actions',
    choice:
      'reach the script; whoever lists the command sees `{{ssm:name}}`. A command that is sent by ' +
      'hand cannot use them',
    shownBy: 'parameters come from the store, secrets too, and what is listed shows names only',
  },
  {
    question: 'When a failed action blocks FinalizeCutover',
    choice:
      'while it has not succeeded on the cutover instance, is active, and must succeed, as it is ' +
      'now; also while it has not ended. ChangeServerLifeCycleState to CUTOVER is not blocked',
    shownBy: 'what is made inactive, removed, or need not succeed any more blocks no longer',
  },
  {
    question: 'Predefined actions in ListSourceServerActions and ListTemplateActions',
    choice:
      'left out: the model has no orders below 1001. `landfall actions list` has them, and they are ' +
      'removed by ID',
    shownBy: 'a predefined action runs before others, with values from the parameter store',
  },
  {
    question: 'When the agent leaves a launched instance',
    choice:
      'once its cutover is finalised and every active action has succeeded there; it takes no ' +
      'commands from then on. On a test instance it stays',
    shownBy: 'once all has succeeded and the cutover is finalised, the agent is to remove itself',
  },
]
