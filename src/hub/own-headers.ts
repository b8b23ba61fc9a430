/** Who makes a request, where no caller says it: firewalls turn requests away that do not tell. */
export const USER_AGENT = 'ocpi-hub'

/** What every request of the hub's own says beside tokens and IDs. */
export const OWN_HEADERS: readonly string[] = ['Accept', 'application/json', 'User-Agent', USER_AGENT]
