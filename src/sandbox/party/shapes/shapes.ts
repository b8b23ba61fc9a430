import type {
  AuthorizationInfo,
  Cdr,
  CommandRequest,
  CommandResponse,
  Location,
  Session,
  StartSession,
  Tariff,
  Token,
} from '../objects.ts'

/** An object as it goes over the wire. */
export type Written = { readonly last_updated: string }

/**
 * How a version of OCPI writes what a simulated party has in its head. The head thinks in the objects of 2.2.1; each version writes
 * them by itself, so that no party's word hangs on how the hub converts.
 */
export type Shapes = {
  readonly location: (location: Location) => Written
  readonly tariff: (tariff: Tariff) => Written
  readonly token: (token: Token) => Written
  /** @param locations those of the CPO, of which 2.1.1 writes a whole one into the session */
  readonly session: (session: Session, locations: readonly Location[]) => Written
  readonly cdr: (cdr: Cdr, locations: readonly Location[]) => Written
  readonly authorization: (info: AuthorizationInfo) => object
  readonly command: (request: CommandRequest) => object
  readonly commandResponse: (response: CommandResponse) => object
  readonly tokenType: (type: string) => string
  /** Reads START_SESSION into the head. */
  readonly readStart: (body: Record<string, unknown>) => StartSession
  /** Whether a PATCH says when, and a token is named with its type: both came with 2.2. */
  readonly isPatchDated: boolean
  /** How an eMSP hears of more energy: the new members, or the whole session, whose periods a PATCH of 2.1.1 replaces. */
  readonly growsBy: 'PATCH' | 'PUT'
  /** What is answered about a token that nobody knows. */
  readonly unknownToken: number
}

/** 2.2.1 writes what is in the head. */
export const SHAPES_221: Shapes = {
  location: asItIs,
  tariff: asItIs,
  token: asItIs,
  session: asItIs,
  cdr: asItIs,
  authorization: asItIs,
  command: asItIs,
  commandResponse: asItIs,
  tokenType: (type) => type,
  readStart: (body) => body as unknown as StartSession,
  isPatchDated: true,
  growsBy: 'PATCH',
  unknownToken: 2004,
}

function asItIs<T>(object: T): T {
  return object
}
