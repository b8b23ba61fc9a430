import type { Evse, Location, PartyName, Tariff, Token } from './objects.ts'

/** When everything that was there before the demo began last changed: data must not depend on the day. */
const LONG_AGO = '2026-01-15T09:30:00Z'

type Place = readonly [
  name: string,
  address: string,
  postalCode: string,
  city: string,
  latitude: string,
  longitude: string,
]

export type Country = 'NL' | 'DE' | 'BE' | 'NO'

const PLACES: Readonly<Record<Country, readonly Place[]>> = {
  NL: [
    ['Utrecht Jaarbeurs P1', 'Croeselaan 1', '3521 BJ', 'Utrecht', '52.086700', '5.105900'],
    ['Amsterdam Arena', 'Burgemeester Stramanweg 130', '1101 EP', 'Amsterdam', '52.314400', '4.941900'],
    ['Rotterdam Blaak', 'Blaak 31', '3011 GA', 'Rotterdam', '51.920100', '4.487900'],
    ['Den Haag Malieveld', 'Koekamplaan 2', '2594 BB', 'Den Haag', '52.083300', '4.319500'],
    ['Eindhoven Strijp-S', 'Torenallee 20', '5617 BC', 'Eindhoven', '51.448700', '5.455200'],
    ['Groningen Hoofdstation', 'Stationsplein 4', '9726 AE', 'Groningen', '53.211200', '6.564100'],
    ['Zwolle Hanzeland', 'Hanzelaan 101', '8017 JE', 'Zwolle', '52.503600', '6.089200'],
    ['Maastricht Sphinx', 'Boschstraat 24', '6211 AX', 'Maastricht', '50.855300', '5.690900'],
  ],
  DE: [
    ['Köln Deutz', 'Ottoplatz 1', '50679', 'Köln', '50.940700', '6.975300'],
    ['Düsseldorf Medienhafen', 'Speditionstraße 9', '40221', 'Düsseldorf', '51.215400', '6.753200'],
    ['Hamburg Speicherstadt', 'Am Sandtorkai 6', '20457', 'Hamburg', '53.543900', '9.991300'],
    ['Berlin Südkreuz', 'Hildegard-Knef-Platz 4', '10829', 'Berlin', '52.475300', '13.365300'],
    ['München Riem', 'Willy-Brandt-Allee 1', '81829', 'München', '48.134200', '11.693700'],
  ],
  BE: [
    ['Antwerpen Eilandje', 'Napelsstraat 60', '2000', 'Antwerpen', '51.231700', '4.408600'],
    ['Gent Dampoort', 'Oktrooiplein 1', '9000', 'Gent', '51.056300', '3.739700'],
    ['Brussel Zuid', 'Fonsnylaan 47', '1060', 'Brussel', '50.835700', '4.336200'],
    ['Liège Guillemins', 'Place des Guillemins 2', '4000', 'Liège', '50.624600', '5.566900'],
  ],
  NO: [
    ['Oslo Bjørvika', 'Dronning Eufemias gate 15', '0191', 'Oslo', '59.908500', '10.757500'],
    ['Bergen Nygård', 'Nygårdsgaten 91', '5008', 'Bergen', '60.382200', '5.333400'],
  ],
}

const COUNTRIES: Readonly<Record<Country, readonly [alpha3: string, timeZone: string]>> = {
  NL: ['NLD', 'Europe/Amsterdam'],
  DE: ['DEU', 'Europe/Berlin'],
  BE: ['BEL', 'Europe/Brussels'],
  NO: ['NOR', 'Europe/Oslo'],
}

/** The charging sites of a CPO: its country's places, each with an AC and a DC charging station. */
export function makeLocations(party: PartyName, country: Country, operator: string): Location[] {
  return PLACES[country].map(([name, address, postal_code, city, latitude, longitude], index) => ({
    ...party,
    id: `LOC${index + 1}`,
    publish: true,
    name,
    address,
    city,
    postal_code,
    country: COUNTRIES[country][0],
    coordinates: { latitude, longitude },
    parking_type: index % 2 === 0 ? 'PARKING_LOT' : 'ON_STREET',
    evses: [makeEvse(party, index, 1, 'AC'), makeEvse(party, index, 2, 'DC')],
    operator: { name: operator },
    time_zone: COUNTRIES[country][1],
    opening_times: { twentyfourseven: true },
    last_updated: LONG_AGO,
  }))
}

function makeEvse(party: PartyName, place: number, number: number, current: 'AC' | 'DC'): Evse {
  const digits = String((place + 1) * 100 + number).padStart(6, '0')
  const isFast = current === 'DC'
  return {
    uid: `${party.party_id}-${digits}`,
    evse_id: `${party.country_code}*${party.party_id}*E${digits}`,
    status: 'AVAILABLE',
    capabilities: ['REMOTE_START_STOP_CAPABLE', 'CHARGING_PROFILE_CAPABLE', 'RFID_READER'],
    connectors: [
      {
        id: '1',
        standard: isFast ? 'IEC_62196_T2_COMBO' : 'IEC_62196_T2',
        format: isFast ? 'CABLE' : 'SOCKET',
        power_type: isFast ? 'DC' : 'AC_3_PHASE',
        max_voltage: isFast ? 800 : 230,
        max_amperage: isFast ? 375 : 32,
        max_electric_power: isFast ? 150_000 : 22_000,
        tariff_ids: [isFast ? 'FAST' : 'STANDARD'],
        last_updated: LONG_AGO,
      },
    ],
    physical_reference: String(number),
    last_updated: LONG_AGO,
  }
}

export function makeTariffs(party: PartyName): Tariff[] {
  const kinds = [
    ['STANDARD', 'AC charging', 0.39],
    ['FAST', 'DC fast charging', 0.62],
    ['NIGHT', 'AC charging by night', 0.29],
    ['FLEET', 'AC charging for fleets', 0.34],
    ['EVENT', 'AC charging at events', 0.45],
  ] as const
  return kinds.map(([id, text, price]) => ({
    ...party,
    id,
    currency: 'EUR',
    type: 'REGULAR',
    tariff_alt_text: [{ language: 'en', text: `${text}, ${price.toFixed(2)} EUR/kWh without VAT` }],
    elements: [{ price_components: [{ type: 'ENERGY', price, vat: 21, step_size: 1 }] }],
    last_updated: LONG_AGO,
  }))
}

/** The tokens of an eMSP. The last one is blocked. */
export function makeTokens(party: PartyName, issuer: string, count: number): Token[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(8, '0')
    return {
      ...party,
      uid: `${party.party_id}04A2B3${number}`,
      type: index === 0 ? 'APP_USER' : 'RFID',
      contract_id: `${party.country_code}-${party.party_id}-C${number}-X`,
      visual_number: `${party.party_id} ${number}`,
      issuer,
      valid: index < count - 1,
      whitelist: 'NEVER',
      language: party.country_code === 'NL' ? 'nl' : 'de',
      last_updated: LONG_AGO,
    }
  })
}
