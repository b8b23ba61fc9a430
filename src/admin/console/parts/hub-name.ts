/** What the hub is called, on each page. */
export type HubName = {
  readonly name: string
  /** `NL-HUB` */
  readonly party: string
}
