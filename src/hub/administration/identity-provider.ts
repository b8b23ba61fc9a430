import type { ProvidedAdmin } from './accounts.ts'
import type { AdminRole } from './author.ts'

/** The provider cannot be asked, or speaks otherwise than expected. */
type Failed = { readonly kind: 'failed'; readonly detail: string }

/** Who keeps the accounts of people elsewhere [OpenID Connect]. None of it rejects for what the provider does. */
export type IdentityProvider = {
  /** Its URL, by which it names itself. */
  readonly issuer: string
  /** Name of the claim that holds the roles, and what each of its values is here. */
  readonly roleClaim: string
  readonly roles: Readonly<Record<string, AdminRole>>
  /** Where to send the browser, and what it has to bring back, sealed. */
  readonly begin: () => Promise<{ readonly kind: 'begun'; readonly url: string; readonly kept: string } | Failed>
  /**
   * Who came back.
   *
   * @param search the query that the provider sent the browser back with, from its `?`
   * @param kept what `begin` gave the browser
   */
  readonly finish: (
    search: string,
    kept: string,
  ) => Promise<
    | { readonly kind: 'known'; readonly admin: ProvidedAdmin }
    /** The provider knows them, and nothing it says of them is a role here. */
    | { readonly kind: 'no-role' }
    /** They did not sign in, or not just now, or not in this browser. */
    | { readonly kind: 'refused'; readonly detail: string }
    | Failed
  >
}
