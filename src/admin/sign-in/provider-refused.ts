/** Why the identity provider let nobody in, in words for the sign-in page, by the key in its address. */
export const PROVIDER_REFUSED = {
  'provider-away': 'The identity provider could not be asked. Try again in a moment.',
  'provider-wait': 'Too many sign-ins failed from your address. Wait a minute.',
  'provider-refused':
    'The identity provider did not confirm this sign-in, or it was begun in another browser. Begin again.',
  'provider-no-role': 'The identity provider gives you no role at this hub. Ask an owner of the hub.',
  'provider-closed': 'Your account is disabled, or there is no room for another. Ask an owner of the hub.',
} as const
