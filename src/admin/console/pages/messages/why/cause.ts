/** What can be done about it: what the button says. */
type Mend =
  | 'allow'
  | 'rules'
  | 'rotate'
  | 'onboard'
  | 'onboard-caller'
  | 'queue'
  | 'replay'
  | 'receiver'
  | 'caller'
  | null

export type Cause = {
  readonly title: string
  readonly text: string
  /** Of the specification. */
  readonly chapter: string | null
  readonly mend: Mend
}
